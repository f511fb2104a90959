import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { filled, type Levels, type PanelFacts, type Query } from './panels.js';

/** A column of numbers: one query, one value a row. */
export interface Column {
  readonly name: string;
  readonly query: Query;
  readonly unit: string;
  readonly levels?: Levels;
  /** Drawn as a bar between these two. */
  readonly bar?: readonly [min: number, max: number];
  readonly words?: NonNullable<PanelFacts['words']>;
  readonly decimals?: number;
}

export interface TableFacts extends Omit<PanelFacts, 'queries' | 'unit'> {
  /** Label -> its heading, in order; the first one is the first column, the others come last. */
  readonly labels: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** Where a click on the first column leads. */
  readonly link: { readonly title: string; readonly url: string };
}

/** A row for each set of labels, a column for each query. */
export function table(facts: TableFacts): Builder<Panel> {
  const queries = facts.columns.map(({ query }) => ({ ...query, rows: true }));
  const panel = filled(new Table(), { ...facts, unit: 'short', queries }, 12)
    .showHeader(true)
    .cellHeight(common.TableCellHeight.Sm)
    .filterable(true)
    .transformations([
      { id: 'merge', options: {} },
      { id: 'organize', options: organize(facts) },
    ]);
  const [first = ''] = Object.values(facts.labels);
  panel.overrideByName(first, [{ id: 'links', value: [facts.link] }]);
  for (const column of facts.columns) panel.overrideByName(column.name, look(column));
  return panel;
}

function organize({ labels, columns }: TableFacts): object {
  const values = columns.map(({ name }, index) => [`Value #${letter(index)}`, name] as const);
  const [first = ['', ''] as const, ...others] = Object.entries(labels);
  const names = [first, ...values, ...others];
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(names.map(([from], index) => [from, index])),
    renameByName: Object.fromEntries(names),
  };
}

function look({ unit, levels, bar, words, decimals }: Column): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [{ id: 'unit', value: unit }];
  if (decimals !== undefined) properties.push({ id: 'decimals', value: decimals });
  if (bar !== undefined) properties.push({ id: 'min', value: bar[0] }, { id: 'max', value: bar[1] });
  if (levels !== undefined || words !== undefined)
    properties.push({ id: 'color', value: { mode: 'thresholds' } });
  if (levels !== undefined) {
    const yellow = levels.yellow === undefined ? [] : [{ value: levels.yellow, color: 'yellow' }];
    const steps = [{ value: null, color: 'green' }, ...yellow, { value: levels.red, color: 'red' }];
    properties.push({ id: 'thresholds', value: { mode: 'absolute', steps } });
  }
  if (words !== undefined) {
    const options = Object.fromEntries(
      words.map(({ value, text, color }, index) => [value, { text, color, index }]),
    );
    properties.push({ id: 'mappings', value: [{ type: 'value', options }] });
  }
  const type = bar !== undefined ? 'gauge' : words !== undefined ? 'color-background' : 'color-text';
  const mode = bar !== undefined ? { mode: 'basic' } : {};
  if (levels !== undefined || words !== undefined)
    properties.push({ id: 'custom.cellOptions', value: { type, ...mode } });
  return properties;
}

const letter = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

/** How many series are where between minimum and maximum, over time, in steps of a tenth. */
export function spread(facts: PanelFacts & { readonly min: number; readonly max: number }): Builder<Panel> {
  const step = (facts.max - facts.min) / 10;
  const buckets = new common.HeatmapCalculationOptionsBuilder().yBuckets(
    new common.HeatmapCalculationBucketConfigBuilder()
      .mode(common.HeatmapCalculationMode.Size)
      .value(String(step)),
  );
  return filled(new heatmap.PanelBuilder(), facts, 8)
    .calculate(true)
    .calculation(buckets)
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme('Purples')
        .steps(32),
    )
    .yAxis(new heatmap.YAxisConfigBuilder().unit(facts.unit).min(facts.min).max(facts.max))
    .showLegend();
}
