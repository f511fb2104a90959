import type { Config } from '../config/schema.js';
import {
  applicationDown,
  cpuBusy,
  diskUsed,
  diskWritable,
  memoryUsed,
  rateWindow,
  requestDuration,
  requestRate,
  targetDown,
} from './expressions.js';

/** One alerting rule as Prometheus reads it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** Absent: it fires at once. */
  readonly for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' | 'none'; readonly component: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

/** In a sentence, the host that an alert is about. */
export const who = '{{ $labels.host }}';
/** `absent()` has no host: the application as a whole is meant. */
const whoOrAll = '{{ with $labels.host }}{{ . }}{{ else }}every host{{ end }}';

/** A rule without what is the same in all of them. */
export interface Draft {
  readonly alert: string;
  readonly expr: string;
  readonly lasting?: string;
  readonly severity: AlertRule['labels']['severity'];
  readonly component: string;
  readonly summary: string;
  readonly description: string;
}

/** The seven rules, with thresholds and durations from `alerts.*`. Values stand in annotations, never in labels. */
export function alertRules(config: Config): readonly AlertRule[] {
  return finish(config, [...machineRules(config), ...availabilityRules(config), ...requestRules(config)]);
}

/** The rules with the label and annotations that all have. */
export function finish(config: Config, drafts: readonly Draft[]): readonly AlertRule[] {
  return drafts.map(({ alert, expr, lasting, severity, component, summary, description }) => ({
    alert,
    expr,
    ...(lasting === undefined ? {} : { for: lasting }),
    labels: { severity, component },
    annotations: { summary, description, runbook_url: `${config.alerts.runbookBase}/${alert}.md` },
  }));
}

function machineRules(config: Config): readonly Draft[] {
  const { highCpuUsage: cpu, highMemoryUsage: memory, highDiskUsage: disk } = config.alerts;
  const limit = (above: number): string => `(limit ${String(above)}%)`;
  return [
    {
      alert: 'HighCPUUsage',
      expr: `${cpuBusy({ window: rateWindow(config, cpu.window) })} > ${String(cpu.above)}`,
      lasting: cpu.for,
      severity: 'critical',
      component: 'cpu',
      summary: `CPU of ${who} is busy`,
      description: `All cores of ${who} together are {{ $value | printf "%.1f" }}% busy ${limit(cpu.above)}.`,
    },
    {
      alert: 'HighMemoryUsage',
      expr: `${memoryUsed()} > ${String(memory.above)}`,
      lasting: memory.for,
      severity: 'critical',
      component: 'memory',
      summary: `Memory of ${who} is nearly used up`,
      description: `{{ $value | printf "%.1f" }}% of the memory of ${who} is not available ${limit(memory.above)}.`,
    },
    {
      alert: 'HighDiskUsage',
      expr: `(${diskUsed()} > ${String(disk.above)}) and ${diskWritable()}`,
      lasting: disk.for,
      severity: 'warning',
      component: 'disk',
      summary: `File system {{ $labels.mountpoint }} of ${who} is filling up`,
      description: `{{ $labels.mountpoint }} ({{ $labels.device }}) of ${who} is {{ $value | printf "%.1f" }}% full ${limit(disk.above)}.`,
    },
  ];
}

function availabilityRules(config: Config): readonly Draft[] {
  const { instanceDown, flaskAppDown } = config.alerts;
  const state = '(up is {{ $value }})';
  return [
    {
      alert: 'InstanceDown',
      expr: targetDown(),
      lasting: instanceDown.for,
      severity: 'critical',
      component: 'availability',
      summary: `Target {{ $labels.job }} of ${who} is down`,
      description: `Prometheus could not scrape {{ $labels.job }} on {{ $labels.instance }} ${state} for ${instanceDown.for}.`,
    },
    {
      alert: 'FlaskAppDown',
      expr: applicationDown(),
      lasting: flaskAppDown.for,
      severity: 'critical',
      component: 'application',
      summary: `The application is down on ${whoOrAll}`,
      description:
        '{{ with $labels.instance }}Prometheus could not scrape the application on {{ . }}{{ else }}No target of the job ' +
        `flask-app exists{{ end }} for ${flaskAppDown.for} (value {{ $value }}).`,
    },
  ];
}

function requestRules(config: Config): readonly Draft[] {
  const { highRequestRate: rate, highRequestDuration: duration } = config.alerts;
  return [
    {
      alert: 'HighRequestRate',
      expr: `${requestRate({ window: rateWindow(config, rate.window) })} > ${String(rate.above)}`,
      lasting: rate.for,
      severity: 'warning',
      component: 'application',
      summary: `The application on ${who} gets many requests`,
      description: `{{ $labels.instance }} answers {{ $value | printf "%.1f" }} requests a second (limit ${String(rate.above)}).`,
    },
    {
      alert: 'HighRequestDuration',
      expr: `${requestDuration(0.95, { window: rateWindow(config, duration.window) })} > ${String(duration.above)}`,
      lasting: duration.for,
      severity: 'warning',
      component: 'application',
      summary: `The application on ${who} answers slowly`,
      description: `One request in twenty to {{ $labels.instance }} takes longer than {{ $value | printf "%.2f" }} s (limit ${String(duration.above)} s).`,
    },
  ];
}
