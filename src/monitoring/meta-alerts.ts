import type { Config } from '../config/schema.js';
import { finish, who, type AlertRule, type Draft } from './alerts.js';
import { meta } from './expressions.js';

/** The one that always fires: its silence tells that rules are no longer evaluated. */
export const watchdog = 'Watchdog';

/** Rules on the monitoring itself, in a file of their own beside the seven. */
export function metaRules(config: Config): readonly AlertRule[] {
  return finish(config, [...prometheusRules(config), ...metricRules(config), diskRule(config)]);
}

function prometheusRules(config: Config): readonly Draft[] {
  const { for: lasting } = config.alerts.meta;
  return [
    {
      alert: watchdog,
      expr: meta.watchdog,
      severity: 'none',
      component: 'monitoring',
      summary: 'Alerts are evaluated',
      description: 'Always fires (value {{ $value }}). Where it is missing, no alert can be trusted.',
    },
    {
      alert: 'PrometheusConfigReloadFailed',
      expr: meta.reloadFailed(lasting),
      lasting,
      severity: 'critical',
      component: 'monitoring',
      summary: `Prometheus on ${who} refuses its configuration`,
      description: `Prometheus on ${who} goes on with an older configuration: its last reload failed (successful is {{ $value }}).`,
    },
    {
      alert: 'PrometheusRuleFailures',
      expr: meta.ruleFailures(lasting),
      lasting,
      severity: 'critical',
      component: 'monitoring',
      summary: `Prometheus on ${who} can't evaluate rules`,
      description: `{{ $value | printf "%.0f" }} evaluations of {{ $labels.rule_group }} failed within ${lasting}.`,
    },
    {
      alert: 'Ec2DiscoveryFailing',
      expr: meta.discoveryFailing(lasting),
      lasting,
      severity: 'warning',
      component: 'monitoring',
      summary: `Prometheus on ${who} can't discover instances`,
      description: `Prometheus on ${who} finds no instance in AWS, or its calls fail ({{ $value | printf "%.0f" }} failed within ${lasting}).`,
    },
  ];
}

/** Which metrics a container of the team's own has is its business: an alert on them might never end. */
export function watchesApplicationMetrics({ application }: Config): boolean {
  return application.image === undefined;
}

/** `absent()` has no host and no metric: then the whole job is gone. */
const lacks =
  '{{ with $labels.metric }}{{ $labels.instance }} is scraped, but {{ . }} is not among its metrics' +
  '{{ else }}No target of the job {{ $labels.job }} exists{{ end }} (value {{ $value }}).';

function metricRules(config: Config): readonly Draft[] {
  const { for: lasting } = config.alerts.meta;
  return [
    {
      alert: 'NodeMetricsAbsent',
      expr: meta.machineMetricsAbsent,
      lasting,
      severity: 'warning',
      component: 'monitoring',
      summary: `Metrics of {{ with $labels.host }}{{ . }}{{ else }}every host{{ end }} are missing`,
      description: lacks,
    },
    ...(watchesApplicationMetrics(config)
      ? [
          {
            alert: 'FlaskMetricsAbsent',
            expr: meta.applicationMetricsAbsent,
            lasting,
            severity: 'warning',
            component: 'monitoring',
            summary: `Metrics of the application on ${who} are missing`,
            description: lacks,
          } as const,
        ]
      : []),
  ];
}

function diskRule(config: Config): Draft {
  const { above, for: lasting, window } = config.alerts.diskWillFillIn24h;
  return {
    alert: 'DiskWillFillIn24h',
    expr: meta.diskWillFill(above, 24, window),
    lasting,
    severity: 'warning',
    component: 'disk',
    summary: `File system {{ $labels.mountpoint }} of ${who} will be full within a day`,
    description:
      `{{ $labels.mountpoint }} ({{ $labels.device }}) of ${who} is {{ $value | printf "%.1f" }}% full, and ` +
      `at the pace of the last ${window} nothing is left in 24 hours.`,
  };
}
