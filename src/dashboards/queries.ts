import { type Fields, fields, list, text } from './json.js';

/** One Prometheus query of a panel, its variables not yet filled in. */
export interface PanelQuery {
  readonly panelId: number | undefined;
  /** The panel's title, or its id where it has none. */
  readonly panel: string;
  readonly refId: string;
  readonly expr: string;
  readonly legend: string;
  /** Asked for one moment instead of a range. */
  readonly instant: boolean;
  /** `table`, `heatmap` or `time_series`. */
  readonly format: string;
  /** The uid of its data source, or a variable that stands for one. */
  readonly source: string;
}

/** All panels, those in collapsed rows too. */
export function panelsOf(dashboard: Fields): Fields[] {
  return list(dashboard['panels']).flatMap((panel) => [panel, ...list(panel['panels'])]);
}

export function variablesOf(dashboard: Fields): Fields[] {
  return list(fields(dashboard['templating'])['list']);
}

/** How messages name a panel. */
export function panelName(panel: Fields): string {
  return text(panel['title']) || `panel ${JSON.stringify(panel['id'] ?? '?')}`;
}

/** The queries that Prometheus answers; hidden ones and those of other data sources are left out. */
export function queriesOf(dashboard: Fields): PanelQuery[] {
  return panelsOf(dashboard).flatMap(panelQueries);
}

/** The queries of one panel; see `queriesOf`. */
export function panelQueries(panel: Fields): PanelQuery[] {
  return list(panel['targets']).flatMap((target, index) => {
    const expr = text(target['expr']);
    const source = sourceOf(target['datasource'] ?? panel['datasource']);
    if (expr === '' || target['hide'] === true || source === undefined) return [];
    const { id } = panel;
    return [
      {
        panelId: typeof id === 'number' ? id : undefined,
        panel: panelName(panel),
        refId: text(target['refId']) || String.fromCharCode('A'.charCodeAt(0) + (index % 26)),
        expr,
        legend: text(target['legendFormat']),
        instant: target['instant'] === true && target['range'] !== true,
        format: text(target['format']) || 'time_series',
        source,
      },
    ];
  });
}

/** The uid; undefined when it is of another type than Prometheus. A bare name may be anything, so it counts. */
function sourceOf(value: unknown): string | undefined {
  if (typeof value === 'string') return /^-- (?!Mixed)/.test(value) ? undefined : value;
  const { type, uid } = fields(value);
  if (type !== undefined && type !== 'prometheus') return undefined;
  return text(uid);
}
