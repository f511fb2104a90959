import { type Access, grafanaAccess } from '../dashboards/access.js';
import { grafana, type Grafana } from '../dashboards/grafana.js';
import { overHost } from '../dashboards/over-host.js';
import type { Transport } from '../dashboards/transport.js';
import { CloudopsError } from '../errors.js';
import type { Host, HostRecord } from '../hosts/host.js';
import type { Context } from './context.js';
import { findHosts } from './find-hosts.js';

/** Where the monitoring host, or another Grafana, is. */
export interface Whereabouts {
  /** Address of the monitoring host; default: the stack's. */
  readonly monitoring?: string | undefined;
  /** Hosts that the caller has found already. */
  readonly hosts?: readonly HostRecord[] | undefined;
  /** A Grafana to use in place of the monitoring host's. */
  readonly transport?: Transport | undefined;
}

/** How Grafana is reached: one connection, used by every dashboard and closed at the end. */
export interface Reached {
  readonly grafana: Grafana;
  close(): Promise<void>;
}

/** Grafana over the host connection, or why there is none. */
export async function reachGrafana(
  context: Context,
  where: Whereabouts,
): Promise<Reached | { readonly skipped: string }> {
  if (where.transport !== undefined) {
    return { grafana: grafana(where.transport), close: () => Promise.resolve() };
  }
  if (!context.config.monitoring.grafana.enabled) return { skipped: "'monitoring.grafana.enabled' is false" };
  const host = await context.connect(await monitoringHost(context, where), context.signal);
  try {
    return await over(context, host);
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function over(context: Context, host: Host): Promise<Reached | { readonly skipped: string }> {
  const access = await accessTo(context, host);
  if ('skipped' in access) {
    await host.close();
    return access;
  }
  const { port } = context.config.monitoring.grafana;
  return { grafana: grafana(overHost(host, port, access)), close: () => host.close() };
}

/** What Grafana on a host is reached with, as the config has it. */
export function accessTo({ config, stateDir, signal }: Context, host: Host): Promise<Access> {
  return grafanaAccess(host, { stateDir, https: config.monitoring.grafana.https !== false, signal });
}

/** The record of the monitoring host; rejects with NO_MONITORING_HOST when none runs. */
export async function monitoringHost(
  context: Context,
  { monitoring, hosts }: Pick<Whereabouts, 'monitoring' | 'hosts'>,
): Promise<HostRecord> {
  const records =
    hosts ?? (await findHosts(context, { ...(monitoring ? { monitoring } : {}), applications: [] }));
  const found = records.find((record) => record.role === 'monitoring');
  if (found !== undefined) return found;
  throw new CloudopsError({
    code: 'NO_MONITORING_HOST',
    what: `Stack ${context.stack} has no running monitoring host in ${context.region}.`,
    fix: ["Make it with 'cloudops infra up', or give its address: 'cloudops dashboards upload 203.0.113.7'."],
  });
}
