import { CloudopsError } from '../errors.js';
import { watchdog as watchdogName } from '../monitoring/meta-alerts.js';
import { openConnections } from '../verify/connections.js';
import { askPrometheus, seenAlerts, type SeenAlert } from '../verify/prometheus-api.js';
import { Needs, type Service } from '../verify/service.js';
import type { Context } from './context.js';
import { findHosts } from './find-hosts.js';
import { prometheusLoginOf, prometheusService } from './prometheus-service.js';

export interface ListAlertsOptions {
  /** Address of the monitoring host; default: that of the stack. */
  readonly monitoring?: string | undefined;
}

export interface ListedAlert {
  readonly name: string;
  readonly state: 'firing' | 'pending';
  readonly severity: string;
  readonly component: string;
  /** Without name, severity and component. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
  readonly runbook: string;
  readonly since: string;
  readonly value: string;
}

/** The document of `alerts list --json`. */
export interface ListedAlerts {
  /** Those that fire first, then by name; without the Watchdog. */
  readonly alerts: readonly ListedAlert[];
  readonly firing: number;
  readonly pending: number;
  /** False: the alert that always fires doesn't, so the silence of the others tells nothing. */
  readonly watchdog: boolean;
}

/** What fires, or is about to, on the stack: asked of Prometheus straight, or from its host. Reads only. */
export async function listAlerts(context: Context, { monitoring }: ListAlertsOptions): Promise<ListedAlerts> {
  const given = monitoring === undefined ? {} : { monitoring };
  const records = await findHosts(context, { ...given, applications: [] });
  const record = records.find(({ role }) => role === 'monitoring');
  if (record === undefined) throw unanswered(context.stack, 'The stack has no monitoring host that runs.');
  const connections = openConnections(context.connect, context.signal);
  try {
    const host = () => connections.logIn(record);
    const login = await prometheusLoginOf(context);
    const prometheus = prometheusService(context, { address: record.address, host, login });
    return listed(await ask(prometheus, context.signal));
  } finally {
    await connections.close();
  }
}

async function ask(prometheus: Service, signal: AbortSignal): Promise<readonly SeenAlert[]> {
  const alerts = await askPrometheus(prometheus, '/api/v1/alerts', seenAlerts, signal).catch(
    (error: unknown) => {
      throw error instanceof Needs
        ? unanswered(prometheus.where, 'Nothing answers there, neither from here nor from the host itself.')
        : error;
    },
  );
  if (alerts === undefined) throw unanswered(prometheus.where, 'It is still starting.');
  return alerts;
}

function listed(seen: readonly SeenAlert[]): ListedAlerts {
  const all = seen.map(alertOf);
  const alerts = all
    .filter(({ name }) => name !== watchdogName)
    .sort((a, b) => a.state.localeCompare(b.state) || a.name.localeCompare(b.name));
  const of = (state: ListedAlert['state']): number => alerts.filter((alert) => alert.state === state).length;
  const watchdog = all.some(({ name, state }) => name === watchdogName && state === 'firing');
  return { alerts, firing: of('firing'), pending: of('pending'), watchdog };
}

function alertOf({ state, activeAt, value, labels, annotations }: SeenAlert): ListedAlert {
  const { alertname = '', severity = '', component = '', ...rest } = labels;
  return {
    name: alertname,
    state: state === 'firing' ? 'firing' : 'pending',
    severity,
    component,
    labels: rest,
    summary: annotations['summary'] ?? '',
    description: annotations['description'] ?? '',
    runbook: annotations['runbook_url'] ?? '',
    since: activeAt,
    value,
  };
}

function unanswered(where: string, why: string): CloudopsError {
  return new CloudopsError({
    code: 'PROMETHEUS_UNREACHABLE',
    what: `Prometheus of ${where} can't be asked for alerts.`,
    why,
    fix: ["run 'cloudops verify': it says what is wrong and why"],
  });
}
