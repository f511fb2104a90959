import { durationSeconds } from '../../config/duration.js';
import type { Config } from '../../config/schema.js';
import { rateWindow } from '../expressions.js';
import { alerting, app, app2, atLimit } from './expected.js';
import { fires, lifeOf, lived, silent } from './life.js';
import { growth, series, type Labels, type Part, type Scenario } from './scenario.js';

/** HighRequestRate. */
export function rateScenarios(config: Config): readonly Scenario[] {
  const { above, for: lasting, window } = config.alerts.highRequestRate;
  const seconds = durationSeconds(rateWindow(config, window));
  const life = lifeOf({ lasting: durationSeconds(lasting), window: seconds, climbs: true });
  const { step, high, low, total } = life;
  const over = Math.ceil(above * 12.5) / 10;
  const alert = 'HighRequestRate';
  const requests = (target: Labels, endpoint: string, ...parts: readonly Part[]): Labels => ({
    [series('flask_requests_total', target, { method: 'GET', endpoint })]: growth(step, ...parts),
  });
  const is = alerting(config, { alert, severity: 'warning', component: 'application' }, app, [
    'The application on application-1 gets many requests',
    `10.0.1.11:3000 answers ${over.toFixed(1)} requests a second (limit ${String(above)}).`,
  ]);
  const many = Array.from({ length: 10 }, (_, n) => requests(app, `/${String(n)}`, [over / 10, total]));
  return [
    ...lived(
      alert,
      life,
      { ...requests(app, '/', [over, high], [above / 10, low]), ...requests(app2, '/', [above / 2, total]) },
      [is],
    ),
    silent(
      alert,
      'silent at the limit',
      life,
      requests(app, '/', [atLimit(config, 'highRequestRate'), total]),
    ),
    silent(alert, 'silent while two instances are each below it', life, {
      ...requests(app, '/', [above * 0.9, total]),
      ...requests(app2, '/', [above * 0.9, total]),
    }),
    fires(alert, 'fires for many small endpoints together', life, Object.assign({}, ...many) as Labels, [is]),
    silent(alert, 'a restart of the application (its counters begin again) is no load', life, {
      [series('flask_requests_total', app, { method: 'GET', endpoint: '/' })]:
        `${growth(step, [above / 2, high])} ${growth(step, [above / 2, low])}`,
    }),
  ];
}

/** Requests a second that end in each bucket, the last beyond all bounds, for so many seconds. */
type Ending = readonly [rates: readonly number[], seconds: number];

function endingIn(step: number, bounds: readonly number[], target: Labels, parts: readonly Ending[]): Labels {
  const name = 'flask_request_duration_seconds_bucket';
  const buckets = [...bounds.map(String), '+Inf'].map((le, index) => {
    const upTo = parts.map(
      ([rates, seconds]) =>
        [rates.slice(0, index + 1).reduce((sum, rate) => sum + rate, 0), seconds] as const,
    );
    return [series(name, target, { le, method: 'GET', endpoint: '/' }), growth(step, ...upTo)] as const;
  });
  return Object.fromEntries(buckets);
}

/** HighRequestDuration. */
export function durationScenarios(config: Config): readonly Scenario[] {
  const { above, for: lasting, window } = config.alerts.highRequestDuration;
  const seconds = durationSeconds(rateWindow(config, window));
  const life = lifeOf({ lasting: durationSeconds(lasting), window: seconds });
  const { step, high, low, total, during } = life;
  const alert = 'HighRequestDuration';
  // The 95th percentile of requests that are spread evenly over the bucket of slow ones has two decimals.
  const from = Math.ceil(above * 100) / 100;
  const to = from + 0.2 * Math.ceil(5 * from);
  const bounds = [from / 2, from, to, to * 2];
  const ending = (target: Labels, ...parts: readonly Ending[]) => endingIn(step, bounds, target, parts);
  const is = (value: number) =>
    alerting(config, { alert, severity: 'warning', component: 'application' }, app, [
      'The application on application-1 answers slowly',
      `One request in twenty to 10.0.1.11:3000 takes longer than ${value.toFixed(2)} s (limit ${String(above)} s).`,
    ]);
  const [quick, slow, idle] = [
    [8, 0, 0, 0, 0],
    [0, 0, 8, 0, 0],
    [0, 0, 0, 0, 0],
  ];
  // Exactly nineteen of twenty within the limit, or a hair less where the limit is not the default.
  const hair = atLimit(config, 'highRequestDuration') === above ? 0 : 1e-3;
  return [
    ...lived(alert, life, { ...ending(app, [slow, high], [quick, low]), ...ending(app2, [quick, total]) }, [
      is(from + (to - from) * 0.95),
    ]),
    silent(alert, 'silent at the limit', life, {
      ...ending(app, [[0, 19 + hair, 1 - hair, 0, 0], total]),
    }),
    silent(alert, 'silent while four in a hundred are slow', life, {
      ...ending(app, [[96, 0, 0, 4, 0], total]),
    }),
    {
      alert,
      name: 'silent after one slow request of an idle application',
      step,
      series: ending(app, [idle, 4 * step], [[0, 0, 0, 1 / step, 0], step], [idle, total]),
      at: [...Array(Math.ceil((total - 5 * step) / (2 * step))).keys()].map((n) => ({
        seconds: (5 + 2 * n) * step,
        fires: [],
      })),
    },
    silent(alert, 'silent without traffic', life, ending(app, [idle, total])),
    {
      alert,
      name: 'fires for what is slower than every bound',
      step,
      series: ending(app, [[0, 0, 0, 0, 8], total]),
      at: during.map((one) => ({ seconds: one, fires: [is(to * 2)] })),
    },
  ];
}
