import { grafanaAccess } from '../dashboards/access.js';
import { grafana, type Grafana } from '../dashboards/grafana.js';
import { loadDashboards, shippedDashboards, type Loaded } from '../dashboards/load.js';
import type { DashboardFile } from '../dashboards/parse.js';
import { overHost } from '../dashboards/over-host.js';
import type { Transport } from '../dashboards/transport.js';
import { assertHealthy, folder, uploadDashboard, type Uploaded } from '../dashboards/upload.js';
import { execute } from '../engine/execute.js';
import type { Report, Result, Task } from '../engine/task.js';
import { CloudopsError } from '../errors.js';
import type { Host, HostRecord } from '../hosts/host.js';
import type { Context } from './context.js';
import { findHosts } from './find-hosts.js';

export interface UploadOptions {
  /** Address of the monitoring host; default: the stack's. */
  readonly monitoring?: string | undefined;
  /** Hosts that the caller has found already. */
  readonly hosts?: readonly HostRecord[] | undefined;
  /** Dashboard files and folders of such; default: the dashboards that come with cloudops. */
  readonly files?: readonly string[];
  /** A Grafana to use in place of the monitoring host's. */
  readonly transport?: Transport | undefined;
}

export interface UploadedDashboard {
  readonly uid?: string;
  readonly title?: string;
  readonly source: string;
  readonly action: Uploaded['action'] | 'refused' | 'failed' | 'skipped';
  readonly note?: string;
}

export interface UploadResult {
  readonly dashboards: readonly UploadedDashboard[];
  /** Why nothing was uploaded, where Grafana can't be had (the sandbox without its release). */
  readonly skipped?: string;
  readonly ok: boolean;
}

/** `report` is what the tasks came to. */
export interface UploadRun {
  readonly result: UploadResult;
  readonly report: Report;
}

/** How Grafana is reached: one connection, used by every dashboard and closed at the end. */
export interface Reached {
  readonly grafana: Grafana;
  close(): Promise<void>;
}

/** At most this many dashboards at once: each is a channel of one SSH connection, and sshd allows ten. */
const atOnce = 6;

/** Puts dashboards into Grafana. Bad files are refused, the good ones go on; `ok` is false when any was. */
export async function uploadDashboards(context: Context, options: UploadOptions): Promise<UploadRun> {
  const loaded = await load(options.files ?? []);
  const reached = await reachGrafana(context, options);
  if ('skipped' in reached) return skipUpload(context, reached.skipped, loaded);
  try {
    const done = new Map<string, Uploaded>();
    const { signal, on } = context;
    const report = await execute(uploadTasks(reached.grafana, loaded.good, done), {
      on,
      signal,
      limit: atOnce,
    });
    const rows = loaded.good.map((file) => row(file, done.get(file.uid), report.results));
    const ok = report.ok && loaded.refused.length === 0;
    return { result: { dashboards: [...rows, ...refusedRows(loaded)], ok }, report };
  } finally {
    await reached.close();
  }
}

/** What `uploadDashboards` comes to where there is no Grafana: every dashboard skipped, with the reason. */
export async function skipUpload(
  context: Pick<Context, 'on' | 'signal'>,
  reason: string,
  loaded?: Loaded,
): Promise<UploadRun> {
  const report = await execute([leftOut], { on: context.on, signal: context.signal });
  return { result: skippedResult(loaded ?? (await load([])), reason), report };
}

/** Stands for the work where there is no Grafana to do it in. */
const leftOut: Task = {
  id: 'dashboards',
  title: 'Dashboards',
  after: [],
  run: () => Promise.resolve({ outcome: 'skip', message: 'no Grafana' }),
};

/** Folder first, then each dashboard on its own; what came of each is put into `done` by uid. */
export function uploadTasks(
  grafana: Grafana,
  files: readonly DashboardFile[],
  done: Map<string, Uploaded>,
): readonly Task[] {
  const folderTask: Task = {
    id: 'dashboards folder',
    title: `Folder ${folder.title}`,
    group: 'dashboards',
    after: [],
    async run() {
      await assertHealthy(grafana);
      return (await grafana.ensureFolder(folder.uid, folder.title)) ? 'changed' : 'unchanged';
    },
  };
  const each = files.map((file): Task => ({
    id: `dashboard ${file.uid}`,
    title: `Dashboard ${file.title}`,
    group: 'dashboards',
    after: [folderTask.id],
    async run(task) {
      const uploaded = await uploadDashboard(grafana, file);
      for (const line of [...file.resolved, ...(uploaded.note ? [uploaded.note] : [])]) task.report(line);
      done.set(file.uid, uploaded);
      return uploaded.action === 'unchanged' ? 'unchanged' : 'changed';
    },
  }));
  return [folderTask, ...each];
}

/** The files named, or ours. */
export async function load(files: readonly string[]): Promise<Loaded> {
  return files.length === 0 ? { good: shippedDashboards(), refused: [] } : loadDashboards(files);
}

/** Grafana over the host connection, or why there is none. */
export async function reachGrafana(
  context: Context,
  options: Pick<UploadOptions, 'monitoring' | 'hosts' | 'transport'>,
): Promise<Reached | { readonly skipped: string }> {
  if (options.transport !== undefined) {
    return { grafana: grafana(options.transport), close: () => Promise.resolve() };
  }
  const { enabled, port } = context.config.monitoring.grafana;
  if (!enabled) return { skipped: "'monitoring.grafana.enabled' is false" };
  const host = await context.connect(await monitoringHost(context, options), context.signal);
  try {
    return await over(context, host, port);
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function over(
  context: Context,
  host: Host,
  port: number,
): Promise<Reached | { readonly skipped: string }> {
  const access = await grafanaAccess(host, context.stateDir, context.signal);
  if ('skipped' in access) {
    await host.close();
    return access;
  }
  return { grafana: grafana(overHost(host, port, access.password)), close: () => host.close() };
}

async function monitoringHost(
  context: Context,
  { monitoring, hosts }: Pick<UploadOptions, 'monitoring' | 'hosts'>,
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

function row(file: DashboardFile, done: Uploaded | undefined, results: readonly Result[]): UploadedDashboard {
  const { uid, title, source } = file;
  if (done !== undefined) return { uid, title, source, ...done };
  const result = results.find(({ id }) => id === `dashboard ${uid}`);
  if (result?.status === 'failed')
    return { uid, title, source, action: 'failed', note: result.error.message };
  const note = result?.status === 'skipped' ? result.because : 'not tried';
  return { uid, title, source, action: 'skipped', note };
}

function refusedRows(loaded: Loaded): UploadedDashboard[] {
  return loaded.refused.map(({ source, error }) => ({ source, action: 'refused', note: error.message }));
}

function skippedResult(loaded: Loaded, reason: string): UploadResult {
  const rows = loaded.good.map(({ uid, title, source }): UploadedDashboard => ({
    uid,
    title,
    source,
    action: 'skipped',
    note: reason,
  }));
  const ok = loaded.refused.length === 0;
  return { dashboards: [...rows, ...refusedRows(loaded)], skipped: reason, ok };
}
