import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Gauge } from '@grafana/grafana-foundation-sdk/gauge';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Heatmap } from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source is a variable: a dashboard works with any Prometheus. */
export const source: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** A value from which on it is yellow, and one from which on it is red; Grafana's thresholds include the value. */
export interface Levels {
  readonly yellow?: number;
  readonly red: number;
}

export interface Query {
  readonly expr: string;
  /** Series name, with label names in double braces. */
  readonly legend: string;
  /** Asked for this moment only, as rows of a table. */
  readonly rows?: boolean;
}

/** What a panel shows; sizes in Grafana's grid of 24 columns. */
export interface PanelFacts {
  /** Stable: links and screenshots refer to it. Never reused. */
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly width: number;
  readonly height?: number;
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  readonly levels?: Levels;
  /** Words and colours for values; makes the unit meaningless. */
  readonly words?: readonly { readonly value: number; readonly text: string; readonly color: string }[];
  readonly stacked?: boolean;
}

type Panel = Builder<dashboard.Panel>;

/** History: lines over time, thresholds drawn as lines. */
export function history(facts: PanelFacts): Panel {
  const panel = filled(new TimeSeries(), facts, 8)
    .lineWidth(1)
    .fillOpacity(facts.stacked === true ? 40 : 10)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(legend())
    .tooltip(tooltip());
  if (facts.stacked === true) {
    panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  }
  if (facts.levels !== undefined) {
    panel.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  }
  return panel;
}

/** Now: one number for each series, coloured by its level. */
export function stat(facts: PanelFacts): Panel {
  return filled(new Stat(), facts, 5)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.Area)
    .textMode(common.BigValueTextMode.ValueAndName)
    .reduceOptions(lastValue());
}

/** Now, between a minimum and a maximum. */
export function gauge(facts: PanelFacts): Panel {
  return filled(new Gauge(), facts, 5)
    .showThresholdMarkers(true)
    .showThresholdLabels(false)
    .reduceOptions(lastValue());
}

/** States over time, one band for each series. */
export function states(facts: PanelFacts): Panel {
  return filled(new StateTimeline(), facts, 8)
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .rowHeight(0.8)
    .legend(legend())
    .tooltip(tooltip());
}

type Common = TimeSeries | Stat | Gauge | StateTimeline | Table | Heatmap;

export function filled<Kind extends Common>(panel: Kind, facts: PanelFacts, height: number): Kind {
  panel
    .id(facts.id)
    .title(facts.title)
    .description(facts.description)
    .datasource(source)
    .unit(facts.unit)
    .span(facts.width)
    .height(facts.height ?? height)
    .thresholds(thresholds(facts.levels));
  if (facts.levels === undefined) panel.colorScheme(palette());
  else if (!(panel instanceof TimeSeries)) panel.colorScheme(byLevel());
  if (facts.min !== undefined) panel.min(facts.min);
  if (facts.max !== undefined) panel.max(facts.max);
  if (facts.decimals !== undefined) panel.decimals(facts.decimals);
  if (facts.words !== undefined) panel.mappings([mapping(facts.words)]);
  facts.queries.forEach((query, index) => panel.withTarget(target(query, index)));
  return panel;
}

function target({ expr, legend, rows }: Query, index: number): DataqueryBuilder {
  const letter = String.fromCharCode('A'.charCodeAt(0) + index);
  const query = new DataqueryBuilder().refId(letter).datasource(source).expr(expr).legendFormat(legend);
  return rows === true ? query.instant().format(PromQueryFormat.Table) : query.range();
}

function thresholds(levels: Levels | undefined): dashboard.ThresholdsConfigBuilder {
  const steps: dashboard.Threshold[] = [{ value: null, color: 'green' }];
  if (levels?.yellow !== undefined) steps.push({ value: levels.yellow, color: 'yellow' });
  if (levels !== undefined) steps.push({ value: levels.red, color: 'red' });
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}

function palette(): dashboard.FieldColorBuilder {
  return new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic);
}

function byLevel(): dashboard.FieldColorBuilder {
  return new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds);
}

function mapping(words: NonNullable<PanelFacts['words']>): dashboard.ValueMapping {
  const options = Object.fromEntries(
    words.map(({ value, text, color }, index) => [String(value), { text, color, index }]),
  );
  return { type: dashboard.MappingType.ValueToText, options };
}

function legend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom);
}

function tooltip(): common.VizTooltipOptionsBuilder {
  return new common.VizTooltipOptionsBuilder()
    .mode(common.TooltipDisplayMode.Multi)
    .sort(common.SortOrder.Descending);
}

function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields('');
}
