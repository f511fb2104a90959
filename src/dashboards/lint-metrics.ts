import type { DashboardJson } from './grafana.js';
import { finding, type LintFinding, ofPanel } from './lint-finding.js';
import { readQuery } from './lint-queries.js';
import { panelQueries, panelsOf } from './queries.js';

/** Metrics that Prometheus makes up itself, whatever is scraped. */
const always = new Set(['ALERTS', 'ALERTS_FOR_STATE']);

/** Queries whose metric no target exposes: warnings, for a target may come, or a counter count for the first time. */
export function unknownMetrics(dashboard: DashboardJson, known: ReadonlySet<string>): LintFinding[] {
  return panelsOf(dashboard).flatMap((panel) => {
    const names = panelQueries(panel).flatMap(({ expr }) =>
      readQuery(dashboard, expr).selectors.map(({ metric }) => metric),
    );
    const missing = new Set(
      names.filter((name) => name !== undefined && !known.has(name) && !always.has(name)),
    );
    return [...missing].map((name) =>
      finding('target-metric', ofPanel(panel), `no target exposes ${name ?? ''}`, 'warning'),
    );
  });
}
