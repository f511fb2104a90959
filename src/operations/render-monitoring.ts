import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CloudopsError } from '../errors.js';
import type { HostRecord } from '../hosts/host.js';
import { knownHost, modelMonitoring, type KnownHost } from '../monitoring/model.js';
import { renderFiles } from '../monitoring/render-files.js';
import type { Context } from './context.js';
import { readGrafanaCertificate } from './grafana-certificate.js';
import { findHosts } from './find-hosts.js';

export interface RenderMonitoringOptions {
  readonly monitoring?: string | undefined;
  readonly applications?: readonly string[];
  /** Made when missing; files of the same names are replaced, others left alone. */
  readonly out: string;
}

export interface Rendered {
  /** Paths of what was written, below `out`. */
  readonly files: readonly string[];
}

/** Writes every file that `configureMonitoring` would put on the hosts. Talks to no host. */
export async function renderMonitoring(
  context: Context,
  options: RenderMonitoringOptions,
): Promise<Rendered> {
  const { config, sandbox, region } = context;
  const records = await recordsOf(context, options);
  const discovery = sandbox ? undefined : { region };
  const model = modelMonitoring(config, records.map(known), discovery);
  const files = renderFiles(model, {
    grafana: config.monitoring.grafana.enabled,
    application: config.application.enabled,
    packaged: sandbox,
    certificate: await readGrafanaCertificate(config),
    runtime: config.monitoring.runtime ?? (sandbox ? 'native' : 'docker'),
  });
  for (const { path, content } of files) {
    const target = join(options.out, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  return { files: files.map(({ path }) => path) };
}

/** Given addresses are taken as they are: whoever renders for review has no need of AWS. */
async function recordsOf(
  context: Context,
  { monitoring, applications = [] }: RenderMonitoringOptions,
): Promise<readonly HostRecord[]> {
  if (monitoring === undefined) {
    return findHosts(context, { applications: [] });
  }
  const record =
    (role: HostRecord['role']) =>
    (address: string): HostRecord => ({
      name: address,
      role,
      address,
      privateAddress: address,
      instanceId: undefined,
    });
  return [record('monitoring')(monitoring), ...applications.map(record('application'))];
}

function known(record: HostRecord): KnownHost {
  const host = knownHost(record, record.address);
  if (host !== undefined) return host;
  throw new CloudopsError({
    code: 'PRIVATE_ADDRESS_UNKNOWN',
    what: `${record.name} has no address that Prometheus could scrape.`,
    fix: ["see 'cloudops infra status'"],
  });
}
