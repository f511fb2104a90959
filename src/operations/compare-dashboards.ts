import { differences, type Difference } from '../dashboards/compare.js';
import { resolveDataSources } from '../dashboards/data-sources.js';
import { folderOf } from '../dashboards/folder.js';
import type { Grafana, Listed } from '../dashboards/grafana.js';
import type { DashboardFile } from '../dashboards/parse.js';
import { editOf, isUploaded } from '../dashboards/upload.js';
import type { Context } from './context.js';
import { reachGrafana, type Whereabouts } from './reach-grafana.js';
import type { UploadOptions } from './upload-dashboards.js';
import { wantedDashboards } from './wanted-dashboards.js';

/** One file beside what Grafana holds under its uid. */
export interface DashboardState {
  readonly uid: string;
  readonly title: string;
  readonly state: 'equal' | 'absent' | 'differs';
  /** Who edited it in Grafana, and when; undefined when the last save is ours. */
  readonly edited?: string;
  /** From what Grafana holds to what the file has. */
  readonly differences: readonly Difference[];
}

export interface ComparedDashboards {
  readonly dashboards: readonly DashboardState[];
  readonly skipped?: string;
}

export interface ListedDashboards {
  readonly dashboards: readonly Listed[];
  readonly skipped?: string;
}

/** What an upload would change. Reads only; throws the error of the first bad file. */
export async function compareDashboards(
  context: Context,
  options: UploadOptions,
): Promise<ComparedDashboards> {
  const { good, refused } = await wantedDashboards(context, options.files ?? []);
  const [first] = refused;
  if (first !== undefined) throw first.error;
  const reached = await reachGrafana(context, options);
  if ('skipped' in reached) return { dashboards: [], skipped: reached.skipped };
  try {
    const sources = await reached.grafana.dataSources();
    const dashboards: DashboardState[] = [];
    for (const file of good) {
      dashboards.push(await compareOne(reached.grafana, resolveDataSources(file, sources, options.sources)));
    }
    return { dashboards };
  } finally {
    await reached.close();
  }
}

async function compareOne(grafana: Grafana, file: DashboardFile): Promise<DashboardState> {
  const { uid, title, content } = file;
  const state = await isUploaded(grafana, file);
  const stored = state === 'differs' ? await grafana.get(uid) : undefined;
  if (stored === undefined) return { uid, title, state, differences: [] };
  const { by } = await editOf(grafana, uid);
  const found = differences(stored.dashboard, content);
  return { uid, title, state, ...(by === undefined ? {} : { edited: by }), differences: found };
}

/** The dashboards in our folder of Grafana. */
export async function listDashboards(context: Context, options: Whereabouts): Promise<ListedDashboards> {
  const reached = await reachGrafana(context, options);
  if ('skipped' in reached) return { dashboards: [], skipped: reached.skipped };
  try {
    const listed = await reached.grafana.list(folderOf(context.config).uid);
    return { dashboards: [...listed].sort((one, other) => one.title.localeCompare(other.title)) };
  } finally {
    await reached.close();
  }
}
