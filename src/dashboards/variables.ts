import { type Fields, fields, text } from './json.js';
import { variablesOf } from './queries.js';

/** What a variable stands for: its values, and the text for "all" where the dashboard gives one. */
export interface VariableValue {
  readonly values: readonly string[];
  /** Goes in as it is, a regular expression mostly. */
  readonly verbatim?: string;
  /** Takes several values: they go in as a regular expression. */
  readonly many: boolean;
}

export type Values = ReadonlyMap<string, VariableValue>;

/** The time that queries are asked for; seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** How often targets are scraped. */
  readonly scrape: number;
}

/** Text of one value, as Grafana fills it in. */
export function single(value: string): VariableValue {
  return { values: [value], many: false };
}

/** Grafana's own variables for a span. */
export function builtIn({ from, to, step, scrape }: Span): Values {
  const range = Math.round(to - from);
  const entries: readonly [string, string][] = [
    ['__interval', `${Math.max(step, 1)}s`],
    ['__interval_ms', String(Math.max(step, 1) * 1000)],
    ['__rate_interval', `${Math.max(4 * scrape, step + scrape)}s`],
    ['__range', `${range}s`],
    ['__range_s', String(range)],
    ['__range_ms', String(range * 1000)],
    ['__from', String(from * 1000)],
    ['__to', String(to * 1000)],
  ];
  return new Map(entries.map(([name, value]) => [name, single(value)]));
}

const reference = /\$(\w+)|\$\{(\w+)(?:\.[\w.]+)?(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;

/** The text with `$name`, `${name}`, `${name:regex}` and `[[name]]` filled in; unknown ones stay. */
export function filled(content: string, values: Values): string {
  return content.replaceAll(reference, (whole, ...groups: (string | undefined)[]) => {
    const value = values.get(groups[0] ?? groups[1] ?? groups[3] ?? '');
    return value === undefined ? whole : written(value, groups[2] ?? groups[4]);
  });
}

function written({ values, verbatim, many }: VariableValue, format: string | undefined): string {
  if (verbatim !== undefined) return verbatim;
  if (format === 'csv') return values.join(',');
  if (format === 'pipe') return values.join('|');
  if (format === 'raw' || format === 'text') return values.join(',');
  if (!many && format !== 'regex') return values.join('|');
  const escaped = values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\\\$&'));
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
}

/** What a variable stands for without asking anybody: what the file has chosen, or everything. */
export function defaultValues(dashboard: Fields): Values {
  return new Map(variablesOf(dashboard).map((variable) => [text(variable['name']), ownValue(variable)]));
}

/** True when the file's choice is "all". */
export function choosesAll(variable: Fields): boolean {
  return chosenOf(variable).includes('$__all');
}

/** The value for "all" that the dashboard gives, or one that matches everything that has the label. */
export function everything(variable: Fields): VariableValue {
  return { values: [], verbatim: text(variable['allValue']) || '.+', many: true };
}

function ownValue(variable: Fields): VariableValue {
  const chosen = chosenOf(variable);
  const many = variable['multi'] === true || variable['includeAll'] === true;
  if (chosen.includes('$__all')) return everything(variable);
  if (chosen.length > 0) return { values: chosen, many };
  if (variable['type'] === 'query') return everything(variable);
  const [first = ''] = typeof variable['query'] === 'string' ? variable['query'].split(',') : [];
  return { values: [(first.split(' : ').at(-1) ?? first).trim()], many };
}

/** The values that the file has chosen, `$__all` among them. */
export function chosenOf(variable: Fields): string[] {
  const { value } = (variable['current'] ?? {}) as { value?: unknown };
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values
    .filter((one) => typeof one === 'string' || typeof one === 'number')
    .map(String)
    .filter((one) => one !== '')
    .map((one) => (one.startsWith('$__auto') ? '1m' : one));
}

/** What `label_values(SELECTOR, LABEL)` asks for; undefined when the variable asks something else. */
export function labelQuery(
  variable: Fields,
): { readonly selector?: string; readonly label: string } | undefined {
  const { query } = variable;
  const asked = typeof query === 'string' ? query : text(fields(query)['query']);
  const match = /^\s*label_values\(\s*(?:(.+?)\s*,\s*)?([A-Za-z_]\w*)\s*\)\s*$/s.exec(asked);
  if (match?.[2] === undefined) return undefined;
  return { label: match[2], ...(match[1] === undefined ? {} : { selector: match[1] }) };
}
