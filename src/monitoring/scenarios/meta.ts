import { durationSeconds } from '../../config/duration.js';
import type { Config } from '../../config/schema.js';
import { applicationMetrics, machineMetrics } from '../expressions.js';
import { watchesApplicationMetrics } from '../meta-alerts.js';
import { alerting, app, itself, one, two, type Kind } from './expected.js';
import { fires, lifeOf, lived, silent, type Life } from './life.js';
import { growth, level, series, type Expected, type Labels, type Scenario } from './scenario.js';

const kindOf = (alert: string, severity = 'warning'): Kind => ({ alert, severity, component: 'monitoring' });

/** Watchdog. */
export function watchdogScenarios(config: Config): readonly Scenario[] {
  const kind = kindOf('Watchdog', 'none');
  const { alert } = kind;
  const is = alerting(config, kind, {}, [
    'Alerts are evaluated',
    'Always fires (value 1). Where it is missing, no alert can be trusted.',
  ]);
  const always = (name: string, input: Labels): Scenario => ({
    alert,
    name,
    step: 15,
    series: input,
    at: [0, 15, 600].map((seconds) => ({ seconds, fires: [is] })),
  });
  const up = series('up', one);
  return [
    always('fires from the first evaluation on', { [up]: level(15, [1, 600]) }),
    always('fires while everything is down', { [up]: level(15, [0, 600]) }),
    always('fires while nothing is scraped', { [up]: '_x40' }),
    always('fires while targets come and go', { [up]: `${level(15, [1, 60])} stale` }),
  ];
}

/** PrometheusConfigReloadFailed. */
export function reloadScenarios(config: Config): readonly Scenario[] {
  const { for: lasting } = config.alerts.meta;
  const seconds = durationSeconds(lasting);
  const life = lifeOf({ lasting: seconds, window: seconds });
  const { step, high, low, total } = life;
  const kind = kindOf('PrometheusConfigReloadFailed', 'critical');
  const { alert } = kind;
  const of = (host: Labels) => series('prometheus_config_last_reload_successful', host);
  const other = { ...itself, instance: '10.0.1.20:9090', host: 'other' };
  const is = alerting(config, kind, itself, [
    'Prometheus on monitoring refuses its configuration',
    'Prometheus on monitoring goes on with an older configuration: its last reload failed (successful is 0).',
  ]);
  const ok = { [of(other)]: level(step, [1, total]) };
  return [
    ...lived(alert, life, { ...ok, [of(itself)]: level(step, [0, high], [1, low]) }, [is]),
    silent(alert, 'silent while reloads succeed', life, ok),
    silent(alert, 'silent after a mistake that is put right before its time', life, {
      [of(itself)]: level(step, [1, 4 * step], [0, seconds * 0.6], [1, total]),
    }),
  ];
}

/** PrometheusRuleFailures. */
export function ruleFailureScenarios(config: Config): readonly Scenario[] {
  const { for: lasting } = config.alerts.meta;
  const seconds = durationSeconds(lasting);
  const life = lifeOf({ lasting: seconds, window: seconds });
  const { step, high, low, total, during } = life;
  const kind = kindOf('PrometheusRuleFailures', 'critical');
  const { alert } = kind;
  const rule_group = '/etc/prometheus/alert-rules.yml;cloudops';
  const of = (group: string) =>
    series('prometheus_rule_evaluation_failures_total', itself, { rule_group: group });
  const each = 1 / step;
  const is = alerting(config, kind, { ...itself, rule_group }, [
    "Prometheus on monitoring can't evaluate rules",
    `${String(Math.round(seconds / step))} evaluations of ${rule_group} failed within ${lasting}.`,
  ]);
  const well = { [of('other.yml;fine')]: growth(step, [0, total]) };
  return [
    ...lived(alert, life, { ...well, [of(rule_group)]: growth(step, [each, high], [0, low]) }, [is]),
    silent(alert, 'silent without a failure', life, well),
    silent(alert, 'silent long after failures', life, { [of(rule_group)]: level(step, [40, total]) }),
    {
      alert,
      name: 'silent after a single failure',
      step,
      series: { [of(rule_group)]: growth(step, [0, 4 * step], [each, step], [0, total]) },
      at: [during[0], during[1]].map((time) => ({ seconds: time, fires: [] })),
    },
  ];
}

/** Ec2DiscoveryFailing. */
export function discoveryScenarios(config: Config): readonly Scenario[] {
  const { for: lasting } = config.alerts.meta;
  const seconds = durationSeconds(lasting);
  const life = lifeOf({ lasting: seconds, window: seconds });
  const { step, high, low, total } = life;
  const kind = kindOf('Ec2DiscoveryFailing');
  const { alert } = kind;
  const failures = series('prometheus_sd_refresh_failures_total', itself, { mechanism: 'ec2' });
  const dns = series('prometheus_sd_refresh_failures_total', itself, { mechanism: 'dns' });
  const found = (job: string) =>
    series('prometheus_sd_discovered_targets', itself, { name: 'scrape', config: job });
  const each = 1 / step;
  const is = (failed: number): Expected =>
    alerting(config, kind, itself, [
      "Prometheus on monitoring can't discover instances",
      `Prometheus on monitoring finds no instance in AWS, or its calls fail (${String(failed)} failed within ${lasting}).`,
    ]);
  const works = { [found('node-ec2')]: level(step, [3, total]) };
  return [
    ...lived(alert, life, { ...works, [failures]: growth(step, [each, high], [0, low]) }, [
      is(Math.round(seconds / step)),
    ]),
    silent(alert, 'silent while calls succeed', life, { ...works, [failures]: level(step, [0, total]) }),
    silent(alert, 'silent long after failures', life, { ...works, [failures]: level(step, [9, total]) }),
    fires(
      alert,
      'fires when AWS never answers: no failure is counted, and not even our own hosts are found',
      life,
      { [found('node-ec2')]: level(step, [0, total]), [failures]: level(step, [0, total]) },
      [is(0)],
    ),
    silent(alert, 'silent where other jobs and other ways to discover have nothing', life, {
      [found('flask-app')]: level(step, [0, total]),
      [dns]: growth(step, [each, total]),
    }),
  ];
}

/** Series of some metrics of a target that never change. */
function sending(life: Life, target: Labels, metrics: readonly string[]): Labels {
  return Object.fromEntries(
    metrics.map((metric) => [series(metric, target), level(life.step, [1, life.total])]),
  );
}

/** NodeMetricsAbsent. */
export function machineMetricScenarios(config: Config): readonly Scenario[] {
  const { for: lasting } = config.alerts.meta;
  const life = lifeOf({ lasting: durationSeconds(lasting) });
  const { step, high, low, total } = life;
  const kind = kindOf('NodeMetricsAbsent');
  const { alert } = kind;
  const metric = 'node_memory_MemAvailable_bytes';
  const is = (target: Labels, lacks: string): Expected =>
    alerting(config, kind, { ...target, metric: lacks }, [
      `Metrics of ${target['host'] ?? ''} are missing`,
      `${target['instance'] ?? ''} is scraped, but ${lacks} is not among its metrics (value 1).`,
    ]);
  const up = (target: Labels, value = 1): Labels => ({ [series('up', target)]: level(step, [value, total]) });
  const whole = { ...up(two), ...sending(life, two, machineMetrics) };
  const rest = machineMetrics.filter((name) => name !== metric);
  const late = { [series(metric, one)]: `_x${String(Math.round(high / step))} ${level(step, [1, low])}` };
  const found = { job: 'node-ec2', instance: '10.0.1.30:9100', host: 'found' };
  return [
    ...lived(alert, life, { ...whole, ...up(one), ...sending(life, one, rest), ...late }, [is(one, metric)]),
    ...machineMetrics.map((name) =>
      fires(
        alert,
        `fires without ${name}`,
        life,
        {
          ...whole,
          ...up(one),
          ...sending(
            life,
            one,
            machineMetrics.filter((other) => other !== name),
          ),
        },
        [is(one, name)],
      ),
    ),
    silent(alert, 'silent while all are there', life, whole),
    silent(alert, 'silent while the machine is down, which InstanceDown tells', life, {
      ...whole,
      ...up(one, 0),
    }),
    fires(
      alert,
      'fires for a machine that was discovered',
      life,
      { ...whole, ...up(found), ...sending(life, found, rest) },
      [is(found, metric)],
    ),
    fires(alert, 'fires when the whole job is gone', life, up(app), [
      alerting(config, kind, { job: 'node' }, [
        'Metrics of every host are missing',
        'No target of the job node exists (value 1).',
      ]),
    ]),
  ];
}

/** FlaskMetricsAbsent. */
export function applicationMetricScenarios(config: Config): readonly Scenario[] {
  if (!watchesApplicationMetrics(config)) return [];
  const { for: lasting } = config.alerts.meta;
  const life = lifeOf({ lasting: durationSeconds(lasting) });
  const { step, high, low, total } = life;
  const kind = kindOf('FlaskMetricsAbsent');
  const { alert } = kind;
  const [requests, buckets] = applicationMetrics;
  const is = (metric: string): Expected =>
    alerting(config, kind, { ...app, metric }, [
      'Metrics of the application on application-1 are missing',
      `10.0.1.11:3000 is scraped, but ${metric} is not among its metrics (value 1).`,
    ]);
  const up = (value: number): Labels => ({ [series('up', app)]: level(step, [value, total]) });
  const late = { [series(buckets, app)]: `_x${String(Math.round(high / step))} ${level(step, [1, low])}` };
  return [
    ...lived(alert, life, { ...up(1), ...sending(life, app, [requests]), ...late }, [is(buckets)]),
    fires(
      alert,
      'fires without the count of requests',
      life,
      { ...up(1), ...sending(life, app, [buckets]) },
      [is(requests)],
    ),
    silent(alert, 'silent while both are there', life, {
      ...up(1),
      ...sending(life, app, applicationMetrics),
    }),
    silent(alert, 'silent while the application is down, which FlaskAppDown tells', life, up(0)),
    silent(alert, 'silent where there is no application, which FlaskAppDown tells', life, {
      [series('up', one)]: level(step, [1, total]),
    }),
  ];
}
