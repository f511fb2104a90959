import type { RunQueries } from '../../src/dashboards/check-panels.js';
import { prometheusUid } from '../../src/dashboards/data-sources.js';
import type { DataSource } from '../../src/dashboards/grafana.js';
import type { Prometheus } from '../../src/dashboards/prometheus.js';
import { CloudopsError } from '../../src/errors.js';

/** What a stack's Grafana has, for checks that ask no Grafana. */
export const ownSources: readonly DataSource[] = [
  { uid: prometheusUid, name: 'Prometheus', type: 'prometheus', isDefault: true },
];

/** Queries straight to Prometheus, where there is no Grafana; an hour back, as the dashboards show. */
export function throughPrometheus(prometheus: Prometheus): RunQueries {
  return (queries) => {
    const now = Date.now() / 1000;
    return Promise.all(
      queries.map(async ({ expr, instant }) => {
        try {
          const series = instant
            ? await prometheus.query(expr, now)
            : await prometheus.queryRange(expr, { from: now - 3600, to: now, step: 30 });
          return { series: series.length };
        } catch (error) {
          if (error instanceof CloudopsError && error.code === 'PROMETHEUS_REFUSED')
            return { series: 0, error: error.why ?? error.what };
          throw error;
        }
      }),
    );
  };
}
