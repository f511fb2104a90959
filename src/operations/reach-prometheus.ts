import { type Prometheus, prometheusAt, prometheusOverHost } from '../dashboards/prometheus.js';
import type { ConnectLimits } from '../hosts/host.js';
import { loginOf } from '../monitoring/prometheus-login.js';
import type { Context } from './context.js';
import { monitoringHost, type Whereabouts } from './reach-grafana.js';

export interface ReachedPrometheus {
  readonly prometheus: Prometheus;
  close(): Promise<void>;
}

export interface PrometheusAt extends Pick<Whereabouts, 'monitoring' | 'hosts'> {
  /** URL of a Prometheus that this machine reaches. */
  readonly from?: string | undefined;
  readonly limits?: ConnectLimits;
}

/** The Prometheus at a URL, else the stack's over the host connection. */
export async function reachPrometheus(
  context: Context,
  { from, limits, ...where }: PrometheusAt,
): Promise<ReachedPrometheus> {
  if (from !== undefined) return { prometheus: prometheusAt(from), close: () => Promise.resolve() };
  const host = await context.connect(await monitoringHost(context, where), context.signal, limits);
  const { port } = context.config.monitoring.prometheus;
  const login = loginOf(context.config);
  return { prometheus: prometheusOverHost(host, port, login), close: () => host.close() };
}
