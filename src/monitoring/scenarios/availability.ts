import { durationSeconds } from '../../config/duration.js';
import type { Config } from '../../config/schema.js';
import { alerting, app, app2, one, two } from './expected.js';
import { fires, lifeOf, lived, silent } from './life.js';
import { level, series, type Scenario } from './scenario.js';

/** InstanceDown. */
export function instanceScenarios(config: Config): readonly Scenario[] {
  const { for: lasting } = config.alerts.instanceDown;
  const life = lifeOf({ lasting: durationSeconds(lasting) });
  const { step, high, low, total } = life;
  const alert = 'InstanceDown';
  const is = alerting(config, { alert, severity: 'critical', component: 'availability' }, one, [
    'Target node of application-1 is down',
    `Prometheus could not scrape node on 10.0.1.11:9100 (up is 0) for ${lasting}.`,
  ]);
  const [up, up2, upApp] = [series('up', one), series('up', two), series('up', app)];
  const hiccup = durationSeconds(lasting) * 0.6;
  return [
    ...lived(alert, life, { [up]: level(step, [0, high], [1, low]), [up2]: level(step, [1, total]) }, [is]),
    silent(alert, 'silent while all are up', life, { [up]: level(step, [1, total]) }),
    silent(alert, 'silent after a hiccup that is over before its time', life, {
      [up]: level(step, [1, 4 * step], [0, hiccup], [1, total]),
    }),
    silent(alert, 'silent for a target that was taken out', life, {
      [up]: `${level(step, [1, 4 * step])} stale`,
      [up2]: level(step, [1, total]),
    }),
    fires(
      alert,
      'fires for targets of any job, each for itself',
      life,
      { [up]: level(step, [0, total]), [upApp]: level(step, [0, total]) },
      [
        is,
        alerting(config, { alert, severity: 'critical', component: 'availability' }, app, [
          'Target flask-app of application-1 is down',
          `Prometheus could not scrape flask-app on 10.0.1.11:3000 (up is 0) for ${lasting}.`,
        ]),
      ],
    ),
  ];
}

/** FlaskAppDown. */
export function applicationScenarios(config: Config): readonly Scenario[] {
  const { for: lasting } = config.alerts.flaskAppDown;
  // A series counts for five minutes after it was last seen, unless the target is known to be gone.
  const life = lifeOf({ lasting: durationSeconds(lasting) });
  const { step, high, low, total } = life;
  const kind = { alert: 'FlaskAppDown', severity: 'critical', component: 'application' };
  const { alert } = kind;
  const is = alerting(config, kind, app, [
    'The application is down on application-1',
    `Prometheus could not scrape the application on 10.0.1.11:3000 for ${lasting} (value 0).`,
  ]);
  const gone = alerting(config, kind, { job: 'flask-app' }, [
    'The application is down on every host',
    `No target of the job flask-app exists for ${lasting} (value 1).`,
  ]);
  const [up, up2, upNode] = [series('up', app), series('up', app2), series('up', one)];
  const hiccup = durationSeconds(lasting) * 0.6;
  return [
    ...lived(alert, life, { [up]: level(step, [0, high], [1, low]), [up2]: level(step, [1, total]) }, [is]),
    silent(alert, 'silent after a hiccup that is over before its time', life, {
      [up]: level(step, [1, 4 * step], [0, hiccup], [1, total]),
    }),
    silent(alert, 'silent while only its machine is down', life, {
      [up]: level(step, [1, total]),
      [upNode]: level(step, [0, total]),
    }),
    fires(
      alert,
      'fires where it never was, whatever else is down',
      life,
      { [upNode]: level(step, [0, total]) },
      [gone],
    ),
    fires(alert, 'fires when its target is taken out', life, { [up]: `${level(step, [1, step])} stale` }, [
      gone,
    ]),
    silent(alert, 'silent while one of two targets is taken out', life, {
      [up]: `${level(step, [1, step])} stale`,
      [up2]: level(step, [1, total]),
    }),
  ];
}
