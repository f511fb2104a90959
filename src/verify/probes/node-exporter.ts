import { machineMetrics } from '../../monitoring/expressions.js';
import { hintFor, meaningOf, NoAnswer } from '../answer.js';
import { askFromHost, type Heard } from '../from-host.js';
import { families, missingFrom } from '../metrics.js';
import type { Finding, Probe } from '../probe.js';
import type { LoggedIn } from '../service.js';

/** What the alerts and System Overview stand on. */
const wanted = [...machineMetrics, 'node_network_receive_bytes_total', 'node_load1'];

export interface ExporterAddress {
  readonly host: string;
  /** `ADDRESS:PORT` in the private network. */
  readonly address: string;
}

/** Each exporter answers the monitoring host, over the way that Prometheus takes; all asked in one round trip. */
export function nodeExporters(monitoring: LoggedIn, exporters: readonly ExporterAddress[]): readonly Probe[] {
  let asked: Promise<readonly Heard[]> | undefined;
  const ask = async (signal: AbortSignal): Promise<readonly Heard[]> => {
    const urls = exporters.map(({ address }) => ({ url: `http://${address}/metrics`, lines: '^# TYPE ' }));
    return askFromHost(await monitoring(), urls, signal);
  };
  return exporters.map(({ host, address }, index) => ({
    id: 'node-exporter.metrics',
    target: host,
    title: `Node Exporter on ${host}`,
    async run(signal) {
      asked ??= ask(signal);
      return judged(address, (await asked)[index]);
    },
  }));
}

function judged(address: string, heard: Heard | undefined): Finding {
  if (heard === undefined || heard instanceof NoAnswer) {
    const silence = heard?.silence ?? 'broken';
    return {
      status: 'fail',
      message: meaningOf(silence, `${address}, asked by the monitoring host,`),
      expected: 'metrics of the machine',
      hint: hintFor(silence, 'the Node Exporter'),
    };
  }
  const found = families(heard.body);
  const missing = missingFrom(found, wanted);
  if (heard.status === 200 && missing.length === 0) {
    return { status: 'pass', message: `${found.size} metric families` };
  }
  return {
    status: 'fail',
    message:
      heard.status === 200 ? `${address} lacks ${missing.join(', ')}` : `${address} answered ${heard.status}`,
    expected: 'metrics of the machine',
    hint: "See what listens there on the host ('ss -ltnp'); 'cloudops monitoring configure' starts the Node Exporter.",
  };
}
