import { prometheusUid } from './data-sources.js';
import type { DashboardJson, DataSource, Grafana, SourceAnswer } from './grafana.js';
import type { DashboardFile } from './parse.js';
import { type PanelQuery, queriesOf, variablesOf } from './queries.js';
import { builtIn, defaultValues, filled, single, type Values } from './variables.js';
import { text } from './json.js';

/** A panel that shows nothing, and what its first query answered. */
export interface EmptyPanel {
  readonly uid: string;
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
  /** `no series`, or the error. */
  readonly because: string;
}

/** Runs queries whose variables are filled in; answers in their order. */
export type RunQueries = (
  queries: readonly { readonly source: string; readonly expr: string; readonly instant: boolean }[],
) => Promise<readonly SourceAnswer[]>;

/** As the panels do, through Grafana and its data sources. */
export function throughGrafana(grafana: Grafana): RunQueries {
  return (queries) => grafana.run(queries);
}

/** The panels of a dashboard that show nothing, or not all, because a query fails. `scrape` in seconds. */
export async function emptyPanels(
  file: DashboardFile,
  run: RunQueries,
  { sources, scrape }: { readonly sources: readonly DataSource[]; readonly scrape: number },
): Promise<readonly EmptyPanel[]> {
  const queries = queriesOf(file.content);
  const values = valuesFor(file.content, sources, scrape);
  const asked = queries.map(({ source, expr, instant }) => ({
    source: filled(source, values),
    expr: filled(expr, values),
    instant,
  }));
  const answers = await run(asked);
  const panels = groupedBy(queries);
  return [...panels.values()].flatMap((indexes) => {
    const failed = indexes.find((index) => answers[index]?.error !== undefined);
    if (failed === undefined && indexes.some((index) => (answers[index]?.series ?? 0) > 0)) return [];
    const index = failed ?? indexes[0] ?? 0;
    const query = queries[index];
    if (query === undefined) return [];
    const because = answers[index]?.error ?? 'no series';
    return [
      { uid: file.uid, dashboard: file.title, panel: query.panel, expr: asked[index]?.expr ?? '', because },
    ];
  });
}

/** Where the queries of each panel stand. */
function groupedBy(queries: readonly PanelQuery[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  queries.forEach(({ panelId, panel }, index) => {
    const key = `${String(panelId)} ${panel}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  return groups;
}

function valuesFor(dashboard: DashboardJson, sources: readonly DataSource[], scrape: number): Values {
  const now = Math.floor(Date.now() / 1000);
  const values = new Map([
    ...defaultValues(dashboard),
    ...builtIn({ from: now - 3600, to: now, step: 30, scrape }),
  ]);
  const ofType = sources.filter(({ type }) => type === 'prometheus');
  const usual =
    ofType.find(({ uid }) => uid === prometheusUid) ?? ofType.find(({ isDefault }) => isDefault) ?? ofType[0];
  for (const variable of variablesOf(dashboard)) {
    const name = text(variable['name']);
    if (variable['type'] !== 'datasource') continue;
    const chosen = values.get(name)?.values[0];
    const there = sources.find((one) => one.uid === chosen || one.name === chosen) ?? usual;
    values.set(name, single(there?.uid ?? prometheusUid));
  }
  return values;
}
