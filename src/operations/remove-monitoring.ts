import { execute } from '../engine/execute.js';
import type { Report, Task } from '../engine/task.js';
import { CloudopsError } from '../errors.js';
import type { HostRecord } from '../hosts/host.js';
import { lastLines } from '../hosts/output.js';
import { fill } from '../templates.js';
import { specLabel } from '../hosts/steps/container-script.js';
import type { Context } from './context.js';
import { findHosts } from './find-hosts.js';

export interface RemoveOptions {
  readonly monitoring?: string | undefined;
  readonly applications?: readonly string[];
  readonly hosts?: readonly HostRecord[];
  /** The data goes too: what Prometheus stored, Grafana's database and keys. */
  readonly purge: boolean;
}

export interface RemoveResult {
  readonly hosts: readonly { readonly host: string; readonly removed: readonly string[] }[];
}

/**
 * Takes away what `configureMonitoring` put on the hosts: services, containers, programs, files, users. Packages of
 * the distribution stay, as nobody knows who else wants them; their services are disabled. Safe to repeat.
 */
export async function removeMonitoring(
  context: Context,
  options: RemoveOptions,
): Promise<{ readonly result: RemoveResult; readonly report: Report }> {
  const { monitoring, applications = [] } = options;
  const given = { ...(monitoring === undefined ? {} : { monitoring }), applications };
  const records = options.hosts ?? (await findHosts(context, given));
  const removed = new Map<string, readonly string[]>();
  const tasks = records.map((record): Task => ({
    id: `${record.name} remove`,
    title: 'remove the monitoring',
    group: record.name,
    after: [],
    run: async ({ signal }) => {
      const lines = await removeFrom(context, record, options.purge, signal);
      removed.set(record.name, lines);
      return lines.length > 0 ? 'changed' : 'unchanged';
    },
  }));
  const report = await execute(tasks, { on: context.on, signal: context.signal });
  const hosts = records.map(({ name }) => ({ host: name, removed: removed.get(name) ?? [] }));
  return { result: { hosts }, report };
}

async function removeFrom(
  context: Context,
  record: HostRecord,
  purge: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const host = await context.connect(record, signal);
  try {
    const text = fill('monitoring/remove.sh', { purge: purge ? 'yes' : '', label: specLabel });
    const { code, stdout, stderr } = await host.exec(text);
    const lines = stdout.split('\n').filter((line) => line.startsWith('removed '));
    if (code === 0) return lines.map((line) => line.slice('removed '.length));
    throw new CloudopsError({
      code: 'MONITORING_NOT_REMOVED',
      what: `The monitoring can't be removed wholly from ${host.name}.`,
      why: lastLines(`${stdout}\n${stderr}`),
      fix: ['correct what it names, then run the same command again'],
    });
  } finally {
    await host.close();
  }
}
