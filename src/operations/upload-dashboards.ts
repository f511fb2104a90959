import { type EmptyPanel, emptyPanels, throughGrafana } from '../dashboards/check-panels.js';
import { durationSeconds } from '../config/duration.js';
import { resolveDataSources } from '../dashboards/data-sources.js';
import { folderOf } from '../dashboards/folder.js';
import type { DataSource, Grafana } from '../dashboards/grafana.js';
import { type Loaded, shippedDashboards } from '../dashboards/load.js';
import type { DashboardFile } from '../dashboards/parse.js';
import { assertHealthy, type PutOptions, uploadDashboard, type Uploaded } from '../dashboards/upload.js';
import { execute } from '../engine/execute.js';
import type { Concluded, Report, Result, Task } from '../engine/task.js';
import type { Context } from './context.js';
import { reachGrafana, type Whereabouts } from './reach-grafana.js';
import { wantedDashboards } from './wanted-dashboards.js';

export interface UploadOptions extends Whereabouts {
  /** Dashboard files and folders of such; default: the dashboards that come with cloudops, and those of the config. */
  readonly files?: readonly string[];
  /** Replace what was edited in Grafana; default: leave it. */
  readonly overwrite?: boolean;
  /** What to put for data sources: a name, uid or input -> uid. */
  readonly sources?: ReadonlyMap<string, string>;
  /** Run every panel's queries afterwards. */
  readonly check?: boolean;
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
  /** Panels that show nothing; undefined when that wasn't asked for. */
  readonly empty?: readonly EmptyPanel[];
  /** True when every file is in Grafana as it is. */
  readonly ok: boolean;
}

/** `report` is what the tasks came to. */
export interface UploadRun {
  readonly result: UploadResult;
  readonly report: Report;
}

/** At most this many dashboards at once: each is a channel of one SSH connection, and sshd allows ten. */
const atOnce = 6;

/** Puts dashboards into Grafana. Bad files are refused, edited ones kept, the others go on; `ok` is false when any was. */
export async function uploadDashboards(context: Context, options: UploadOptions): Promise<UploadRun> {
  const loaded = await wantedDashboards(context, options.files ?? []);
  const reached = await reachGrafana(context, options);
  if ('skipped' in reached) return skipUpload(context, reached.skipped, loaded);
  try {
    const work = uploadWork(reached.grafana, context, options);
    const { signal, on } = context;
    const report = await execute(uploadTasks(work, loaded.good), { on, signal, limit: atOnce });
    const rows = loaded.good.map((file) => row(file, work.done.get(file.uid), report.results));
    const ok = report.ok && loaded.refused.length === 0 && rows.every(({ action }) => action !== 'kept');
    const empty = options.check === true && report.ok ? { empty: [...work.empty.values()].flat() } : {};
    return { result: { dashboards: [...rows, ...refusedRows(loaded)], ...empty, ok }, report };
  } finally {
    await reached.close();
  }
}

/** What the tasks of an upload share and leave behind. */
interface UploadWork extends PutOptions {
  readonly grafana: Grafana;
  readonly given: ReadonlyMap<string, string>;
  readonly check: boolean;
  /** Seconds between two scrapes. */
  readonly scrape: number;
  sources: readonly DataSource[];
  /** What came of each, by uid. */
  readonly done: Map<string, Uploaded>;
  readonly empty: Map<string, readonly EmptyPanel[]>;
}

function uploadWork(grafana: Grafana, { config }: Context, options: UploadOptions): UploadWork {
  return {
    grafana,
    folder: folderOf(config),
    overwrite: options.overwrite === true,
    given: options.sources ?? new Map(),
    check: options.check === true,
    scrape: durationSeconds(config.monitoring.prometheus.scrapeInterval),
    sources: [],
    done: new Map(),
    empty: new Map(),
  };
}

/** What `uploadDashboards` comes to where there is no Grafana: every dashboard skipped, with the reason. */
export async function skipUpload(
  context: Pick<Context, 'on' | 'signal'>,
  reason: string,
  loaded?: Loaded,
): Promise<UploadRun> {
  const report = await execute([leftOut], { on: context.on, signal: context.signal });
  return { result: skippedResult(loaded ?? { good: shippedDashboards(), refused: [] }, reason), report };
}

/** Stands for the work where there is no Grafana to do it in. */
const leftOut: Task = {
  id: 'dashboards',
  title: 'Dashboards',
  after: [],
  run: () => Promise.resolve({ outcome: 'skip', message: 'no Grafana' }),
};

/** Folder and data sources first, then each dashboard on its own. */
function uploadTasks(work: UploadWork, files: readonly DashboardFile[]): readonly Task[] {
  const { grafana, folder } = work;
  const folderTask: Task = {
    id: 'dashboards folder',
    title: `Folder ${folder.title}`,
    group: 'dashboards',
    after: [],
    async run() {
      await assertHealthy(grafana);
      work.sources = await grafana.dataSources();
      return (await grafana.ensureFolder(folder.uid, folder.title)) ? 'changed' : 'unchanged';
    },
  };
  const each = files.map((file): Task => ({
    id: `dashboard ${file.uid}`,
    title: `Dashboard ${file.title}`,
    group: 'dashboards',
    after: [folderTask.id],
    run: (task) => uploadOne(work, file, (line) => task.report(line)),
  }));
  return [folderTask, ...each];
}

async function uploadOne(
  work: UploadWork,
  given: DashboardFile,
  report: (line: string) => void,
): Promise<Concluded | 'changed' | 'unchanged'> {
  const file = resolveDataSources(given, work.sources, work.given);
  const uploaded = await uploadDashboard(work.grafana, file, work);
  for (const line of file.resolved) report(line);
  const note = [...file.resolved, ...(uploaded.note ? [uploaded.note] : [])].join('; ');
  work.done.set(file.uid, note === '' ? uploaded : { ...uploaded, note });
  if (work.check) {
    work.empty.set(file.uid, await emptyPanels(file, throughGrafana(work.grafana), work));
  }
  if (uploaded.action === 'kept') return { outcome: 'skip', message: uploaded.note ?? 'kept' };
  if (uploaded.note !== undefined) report(uploaded.note);
  return uploaded.action === 'unchanged' ? 'unchanged' : 'changed';
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
