import type { Fields } from '../json.js';
import type { Series } from '../prometheus.js';
import type { PanelQuery } from '../queries.js';
import type { Span } from '../variables.js';

/** What came of one query; `error` in words for the page. */
export interface Answered {
  readonly query: PanelQuery;
  readonly series: readonly Series[];
  readonly error?: string;
}

/** A panel with its data, ready to be drawn. */
export interface PanelData {
  readonly panel: Fields;
  /** The title with its variables filled in. */
  readonly title: string;
  readonly description: string;
  readonly answers: readonly Answered[];
  readonly span: Span;
}

/** A series under the name that its legend gives it. */
export interface Named extends Series {
  readonly name: string;
  readonly refId: string;
}

/** All series of a panel, named, in the order of its queries. */
export function namedSeries({ answers }: PanelData): readonly Named[] {
  return answers.flatMap(({ query, series }) =>
    series.map((one) => ({ ...one, name: nameOf(query, one), refId: query.refId })),
  );
}

function nameOf({ legend, expr }: PanelQuery, { labels }: Series): string {
  if (legend !== '' && legend !== '__auto') {
    return legend.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (_, label: string) => labels[label] ?? '').trim();
  }
  const { __name__: metric = '', ...rest } = labels;
  const pairs = Object.entries(rest).map(([label, value]) => `${label}="${value}"`);
  if (metric === '' && pairs.length === 0) return expr;
  return `${metric}${pairs.length === 0 ? '' : `{${pairs.join(', ')}}`}`;
}

/** The last value that is a number; NaN when there is none. */
export function lastValue({ points }: Series): number {
  return [...points].reverse().find(([, value]) => !Number.isNaN(value))?.[1] ?? NaN;
}

/** A panel's reduction of a series to one value: the last one unless it says otherwise. */
export function reduced(series: Series, calculation: string): number {
  const values = series.points.map(([, value]) => value).filter((value) => !Number.isNaN(value));
  if (values.length === 0) return NaN;
  if (calculation === 'max') return Math.max(...values);
  if (calculation === 'min') return Math.min(...values);
  if (calculation === 'sum') return values.reduce((sum, value) => sum + value, 0);
  if (calculation === 'mean') return values.reduce((sum, value) => sum + value, 0) / values.length;
  if (calculation === 'first' || calculation === 'firstNotNull') return values[0] ?? NaN;
  return lastValue(series);
}
