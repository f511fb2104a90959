import { differences, type Difference } from '../dashboards/compare.js';
import type { Listed } from '../dashboards/grafana.js';
import { folder, isUploaded } from '../dashboards/upload.js';
import type { Context } from './context.js';
import { load, reachGrafana, type UploadOptions } from './upload-dashboards.js';

/** One file beside what Grafana holds under its uid. */
export interface DashboardState {
  readonly uid: string;
  readonly title: string;
  readonly state: 'equal' | 'absent' | 'differs';
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
  const { good, refused } = await load(options.files ?? []);
  const [first] = refused;
  if (first !== undefined) throw first.error;
  const reached = await reachGrafana(context, options);
  if ('skipped' in reached) return { dashboards: [], skipped: reached.skipped };
  try {
    const dashboards: DashboardState[] = [];
    for (const file of good) {
      const { uid, title, content } = file;
      const state = await isUploaded(reached.grafana, file);
      const stored = state === 'differs' ? await reached.grafana.get(uid) : undefined;
      const found = stored === undefined ? [] : differences(stored.dashboard, content);
      dashboards.push({ uid, title, state, differences: found });
    }
    return { dashboards };
  } finally {
    await reached.close();
  }
}

/** The dashboards in our folder of Grafana. */
export async function listDashboards(context: Context, options: UploadOptions): Promise<ListedDashboards> {
  const reached = await reachGrafana(context, options);
  if ('skipped' in reached) return { dashboards: [], skipped: reached.skipped };
  try {
    return { dashboards: await reached.grafana.list(folder.uid) };
  } finally {
    await reached.close();
  }
}
