import { eventually, type Look, type Patience } from '../patience.js';
import type { Probe } from '../probe.js';
import type { Service } from '../service.js';

/** Prometheus serves queries; right after a start it may still be reading its log. */
export function prometheusReady(target: string, prometheus: Service, patience: Patience): Probe {
  const look = async (signal: AbortSignal): Promise<Look> => {
    const { status, via } = await prometheus.get('/-/ready', signal);
    if (status !== 200) return { settled: status !== 503, finding: notReady(prometheus.where, status) };
    const message = ['Prometheus is ready', via].filter((part) => part !== '').join(', ');
    return { settled: true, finding: { status: 'pass', message } };
  };
  return {
    id: 'prometheus.ready',
    target,
    title: `Prometheus on ${target}`,
    run: (signal) => eventually(() => look(signal), patience, signal),
  };
}

function notReady(where: string, status: number): Look['finding'] {
  const known: Readonly<Record<number, string>> = {
    401: 'it asks for another login than the config has',
    404: "something else than Prometheus answers there ('/-/ready' is unknown)",
    503: 'Prometheus is still starting',
  };
  return {
    status: 'fail',
    message: `${where} answered ${status}: ${known[status] ?? 'no state that Prometheus has'}`,
    expected: 'Prometheus to be ready',
    hint: "Look at its log on the monitoring host: 'journalctl -u prometheus -n 50'; then 'cloudops monitoring configure'.",
  };
}
