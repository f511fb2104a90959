import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonical } from '../dashboards/compare.js';
import { resolveDataSources } from '../dashboards/data-sources.js';
import { folderOf } from '../dashboards/folder.js';
import type { DashboardJson, DataSource, Grafana } from '../dashboards/grafana.js';
import type { DashboardFile } from '../dashboards/parse.js';
import { editOf, isFileOurLastSave } from '../dashboards/upload.js';
import { CloudopsError } from '../errors.js';
import type { Context } from './context.js';
import { reachGrafana, type Whereabouts } from './reach-grafana.js';
import { wantedDashboards } from './wanted-dashboards.js';

export interface PullOptions extends Whereabouts {
  /** The files to write to; default: those of the config, and for the shipped ones `out`. */
  readonly files?: readonly string[];
  /** Where dashboards go that have no file of the operator's. */
  readonly out: string;
  /** Those of our folder too that no file knows. */
  readonly all?: boolean;
  /** Replace files that were changed here as well. */
  readonly overwrite?: boolean;
  readonly sources?: ReadonlyMap<string, string>;
}

export interface PulledDashboard {
  readonly uid: string;
  readonly title: string;
  /** `conflict`: changed in Grafana and in the file; nothing was written. */
  readonly action: 'written' | 'unchanged' | 'absent' | 'conflict' | 'refused';
  /** Where it was, or would be, written. */
  readonly file: string;
  readonly note?: string;
}

export interface PullResult {
  readonly dashboards: readonly PulledDashboard[];
  readonly skipped?: string;
  readonly ok: boolean;
}

/** Writes what was edited in Grafana to files, so that the next upload finds nothing to do. Changes nothing in Grafana. */
export async function pullDashboards(context: Context, options: PullOptions): Promise<PullResult> {
  const { good, refused } = await wantedDashboards(context, options.files ?? []);
  const reached = await reachGrafana(context, options);
  if ('skipped' in reached) return { dashboards: [], skipped: reached.skipped, ok: true };
  try {
    const { grafana } = reached;
    const work = { grafana, options, sources: await grafana.dataSources() };
    const pulled: PulledDashboard[] = refused.map(({ source, error }) => ({
      uid: '',
      title: source,
      action: 'refused' as const,
      file: source,
      note: error.message,
    }));
    for (const file of good) pulled.push(await pullOne(work, file));
    if (options.all === true) pulled.push(...(await pullUnknown(work, folderOf(context.config).uid, good)));
    const ok = pulled.every(({ action }) => action !== 'conflict' && action !== 'refused');
    return { dashboards: pulled, ok };
  } finally {
    await reached.close();
  }
}

interface Work {
  readonly grafana: Grafana;
  readonly options: PullOptions;
  readonly sources: readonly DataSource[];
}

async function pullOne({ grafana, options, sources }: Work, given: DashboardFile): Promise<PulledDashboard> {
  const { uid, title } = given;
  const own = await stat(given.source).catch(() => undefined);
  const file = own === undefined ? join(options.out, `${uid}.json`) : given.source;
  const resolved = resolveDataSources(given, sources, options.sources);
  const stored = await grafana.get(uid);
  if (stored === undefined) return { uid, title, action: 'absent', file };
  const edit = await editOf(grafana, uid);
  const same = canonical(stored.dashboard) === canonical(resolved.content);
  // A difference that nobody made is Grafana's own doing, or the file's.
  if (same || edit.by === undefined) return { uid, title, action: 'unchanged', file };
  const both = own !== undefined && !(await isFileOurLastSave(grafana, resolved));
  if (both && options.overwrite !== true) {
    return { uid, title, action: 'conflict', file, note: `${edit.by}, and the file was changed as well` };
  }
  await write(file, stored.dashboard);
  return { uid, title, action: 'written', file, note: edit.by };
}

async function pullUnknown(
  { grafana, options }: Work,
  folderUid: string,
  known: readonly DashboardFile[],
): Promise<PulledDashboard[]> {
  const uids = new Set(known.map(({ uid }) => uid));
  const pulled: PulledDashboard[] = [];
  for (const { uid, title } of await grafana.list(folderUid)) {
    const stored = uids.has(uid) ? undefined : await grafana.get(uid);
    if (stored === undefined) continue;
    const file = join(options.out, `${uid.replaceAll(/[^A-Za-z0-9_-]/g, '_')}.json`);
    if (options.overwrite !== true && (await stat(file).catch(() => undefined)) !== undefined) {
      pulled.push({ uid, title, action: 'conflict', file, note: 'the file exists' });
      continue;
    }
    await write(file, stored.dashboard);
    pulled.push({ uid, title, action: 'written', file });
  }
  return pulled;
}

/** Without what Grafana counts by itself; a reader sees the old file or the new one. */
async function write(file: string, dashboard: DashboardJson): Promise<void> {
  const { id: _id, version: _version, iteration: _iteration, ...content } = dashboard;
  const fresh = `${file}.cloudops-${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(fresh, `${JSON.stringify(content, undefined, 2)}\n`);
    await rename(fresh, file);
  } catch (error) {
    throw new CloudopsError({
      code: 'DASHBOARD_NOT_WRITTEN',
      what: `${file} can't be written.`,
      why: error instanceof Error ? error.message : String(error),
      fix: ["Give another folder with '--out DIR'."],
      cause: error,
    });
  }
}
