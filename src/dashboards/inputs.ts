import { CloudopsError } from '../errors.js';
import type { DashboardJson } from './grafana.js';

/** The data source that `monitoring configure` provisions, by its fixed uid. */
export const prometheusUid = 'prometheus';

export interface Resolved {
  readonly content: DashboardJson;
  /** e.g. `${DS_PROMETHEUS} is data source 'prometheus'`. */
  readonly resolved: readonly string[];
}

interface Input {
  readonly name: string;
  readonly type: string;
  readonly plugin: string;
  readonly value: string | undefined;
}

/**
 * Fills the placeholders of a dashboard exported for sharing (`__inputs`, `${DS_*}`): Prometheus becomes our data
 * source, constants their value. Throws a `CloudopsError` for a data source of another type.
 */
export function resolveInputs(source: string, dashboard: Readonly<Record<string, unknown>>): Resolved {
  const { __inputs, __requires, __elements, ...rest } = dashboard;
  const values = new Map<string, string>();
  for (const input of inputsOf(__inputs)) values.set(input.name, valueFor(source, input));
  const variables = variableNames(rest['templating']);
  for (const name of placeholders(JSON.stringify(rest))) {
    if (!values.has(name) && !variables.has(name)) values.set(name, prometheusUid);
  }
  const resolved = [...values].map(([name, value]) =>
    name.startsWith('DS_') ? `\${${name}} is data source '${value}'` : `\${${name}} is '${value}'`,
  );
  return { content: replaced(rest, values) as DashboardJson, resolved };
}

function inputsOf(value: unknown): Input[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).flatMap((one) => {
    if (typeof one !== 'object' || one === null) return [];
    const { name, type, pluginId, value: held } = one as Record<string, unknown>;
    if (typeof name !== 'string') return [];
    const plugin = typeof pluginId === 'string' ? pluginId : 'prometheus';
    return [{ name, type: String(type), plugin, value: typeof held === 'string' ? held : undefined }];
  });
}

function valueFor(source: string, input: Input): string {
  if (input.type === 'datasource' && input.plugin === 'prometheus') return prometheusUid;
  if (input.type === 'constant' && input.value !== undefined) return input.value;
  throw new CloudopsError({
    code: 'DASHBOARD_DATA_SOURCE',
    what: `${source} is not uploaded:`,
    why:
      input.type === 'datasource'
        ? `it wants a data source of type '${input.plugin}' for \${${input.name}}; the stack has Prometheus only.`
        : `it wants a value for \${${input.name}} and gives no default.`,
    fix: [`Write the real value in place of \${${input.name}} and take it out of '__inputs'.`],
  });
}

/** A dashboard may have a variable of its own called DS_PROMETHEUS; Grafana fills that one. */
function variableNames(templating: unknown): Set<unknown> {
  const { list } = (templating ?? {}) as { list?: unknown };
  return new Set(Array.isArray(list) ? list.map((one) => (one as { name?: unknown } | null)?.name) : []);
}

function placeholders(text: string): Set<string> {
  return new Set([...text.matchAll(/\$\{(DS_[A-Z0-9_-]+)\}/g)].map((match) => match[1] ?? ''));
}

function replaced(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{([A-Za-z0-9_-]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
  }
  if (Array.isArray(value)) return value.map((one) => replaced(one, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, replaced(held, values)]));
}
