import { CloudopsError } from '../../errors.js';
import type { DashboardJson } from '../grafana.js';
import { type Fields, list, text } from '../json.js';
import type { Prometheus } from '../prometheus.js';
import { type PanelQuery, panelQueries, variablesOf } from '../queries.js';
import {
  builtIn,
  chosenOf,
  choosesAll,
  defaultValues,
  everything,
  filled,
  labelQuery,
  single,
  type Span,
  type Values,
  type VariableValue,
} from '../variables.js';
import type { Answered, PanelData } from './panel-data.js';

/** A dashboard with its data. */
export interface CollectedDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** What each variable stands for, by its label. */
  readonly variables: readonly (readonly [label: string, value: string])[];
  readonly panels: readonly PanelData[];
  readonly span: Span;
}

export interface CollectOptions {
  readonly prometheus: Prometheus;
  readonly span: Span;
  /** Values that the operator chose, by variable. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

/** At most this many queries at once: each may be a channel of one SSH connection, and sshd allows ten. */
const atOnce = 6;

/** Runs every query of a dashboard. A refused query is told in its panel; rejects when Prometheus doesn't answer. */
export async function collect(
  dashboard: DashboardJson,
  options: CollectOptions,
): Promise<CollectedDashboard> {
  const { span } = options;
  const own = await chosenValues(dashboard, options);
  const values: Values = new Map([...own, ...builtIn(span)]);
  const panels = list(dashboard['panels']).flatMap(unfolded);
  const queries = panels.flatMap((panel) => panelQueries(panel).map((query) => ({ panel, query })));
  const answers = await inTurn(queries, async ({ panel, query }) => ({
    panel,
    answer: await answered(query, values, options),
  }));
  const datas = panels.map((panel): PanelData => ({
    panel,
    title: filled(text(panel['title']), values),
    description: filled(text(panel['description']), values),
    answers: answers.filter((one) => one.panel === panel).map(({ answer }) => answer),
    span,
  }));
  const { uid, title, description } = dashboard;
  return {
    uid: text(uid),
    title: text(title),
    description: text(description),
    variables: told(dashboard, own),
    panels: datas,
    span,
  };
}

/** A collapsed row holds its panels; they follow it. */
function unfolded(panel: Fields): Fields[] {
  return [panel, ...list(panel['panels'])];
}

async function answered(
  query: PanelQuery,
  values: Values,
  { prometheus, span }: CollectOptions,
): Promise<Answered> {
  const asked = { ...query, expr: filled(query.expr, values), legend: filled(query.legend, values) };
  const { expr, instant } = asked;
  try {
    const series = instant ? await prometheus.query(expr, span.to) : await prometheus.queryRange(expr, span);
    return { query: asked, series };
  } catch (error) {
    if (error instanceof CloudopsError && error.code === 'PROMETHEUS_REFUSED') {
      return { query: asked, series: [], error: `${error.why ?? error.what}: ${expr}` };
    }
    throw error;
  }
}

/** What each variable of the dashboard stands for: as given, as the file has chosen, or the first that there is. */
async function chosenValues(
  dashboard: DashboardJson,
  { prometheus, given }: CollectOptions,
): Promise<Values> {
  const values = new Map(defaultValues(dashboard));
  for (const variable of variablesOf(dashboard)) {
    const name = text(variable['name']);
    const wanted = given.get(name);
    const many = variable['multi'] === true || variable['includeAll'] === true;
    if (wanted !== undefined) values.set(name, { values: wanted, many });
    else if (variable['type'] === 'query') values.set(name, await asked(variable, values, prometheus));
  }
  return values;
}

async function asked(variable: Fields, values: Values, prometheus: Prometheus): Promise<VariableValue> {
  const many = variable['multi'] === true || variable['includeAll'] === true;
  if (choosesAll(variable) && text(variable['allValue']) !== '') return everything(variable);
  const query = labelQuery(variable);
  if (query === undefined) return everything(variable);
  const selector = query.selector === undefined ? undefined : filled(query.selector, values);
  const there = await prometheus.labelValues(query.label, selector);
  if (choosesAll(variable)) return there.length === 0 ? everything(variable) : { values: there, many: true };
  const chosen = chosenOf(variable).filter((value) => there.includes(value));
  if (chosen.length > 0) return { values: chosen, many };
  if (variable['includeAll'] === true) return everything(variable);
  const [first] = there;
  return first === undefined ? everything(variable) : single(first);
}

function told(dashboard: DashboardJson, values: Values): (readonly [string, string])[] {
  return variablesOf(dashboard)
    .filter(({ hide, type }) => hide !== 2 && type !== 'datasource')
    .map((variable) => {
      const name = text(variable['name']);
      const value = values.get(name);
      const shown = value?.verbatim === undefined ? (value?.values.join(', ') ?? '') : 'All';
      return [text(variable['label']) || name, shown] as const;
    });
}

/** Results in the order of the items, a few at a time. */
async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
