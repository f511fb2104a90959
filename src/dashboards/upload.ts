import { CloudopsError } from '../errors.js';
import { canonical, fingerprint } from './compare.js';
import { provisioned } from './grafana-errors.js';
import type { Grafana } from './grafana.js';
import type { DashboardFile } from './parse.js';

/** Our folder in Grafana; its uid never changes, its title may be. */
export const folder = { uid: 'cloudops', title: 'CloudOps' } as const;

export type UploadAction = 'created' | 'updated' | 'unchanged';

export interface Uploaded {
  readonly action: UploadAction;
  /** What the operator should know beyond the action, e.g. whose edit was replaced. */
  readonly note?: string;
}

const signature = 'cloudops ';

/** Makes the dashboard in Grafana equal to the file. Writes only when it differs in more than Grafana's own doing. */
export async function uploadDashboard(grafana: Grafana, file: DashboardFile): Promise<Uploaded> {
  const stored = await grafana.get(file.uid);
  const mark = fingerprint(file.content);
  const save = (): Promise<void> => grafana.save(file.content, folder.uid, `${signature}${mark}`);
  if (stored === undefined) {
    await save();
    return { action: 'created' };
  }
  const moved = stored.folderUid !== folder.uid;
  if (!moved && canonical(stored.dashboard) === canonical(file.content)) return { action: 'unchanged' };
  if (stored.provisioned) {
    throw provisioned(grafana.place, `The dashboard '${file.title}' (uid ${file.uid}) is provisioned there.`);
  }
  const last = await grafana.lastVersion(file.uid);
  // Grafana upgrades what it keeps without making a version: then the last save is still ours, of this very content.
  if (!moved && last?.message === `${signature}${mark}`) return { action: 'unchanged' };
  await save();
  const edited = last !== undefined && !last.message.startsWith(signature);
  const by = last?.by ? ` by ${last.by}` : '';
  return edited
    ? { action: 'updated', note: `replaced an edit made in Grafana${by} at ${last.at}` }
    : { action: 'updated' };
}

/** True when Grafana holds the file's dashboard, in our folder. Reads only; the same test as the upload's. */
export async function isUploaded(
  grafana: Grafana,
  file: DashboardFile,
): Promise<'equal' | 'differs' | 'absent'> {
  const stored = await grafana.get(file.uid);
  if (stored === undefined) return 'absent';
  if (canonical(stored.dashboard) === canonical(file.content)) return 'equal';
  const last = await grafana.lastVersion(file.uid);
  return last?.message === `${signature}${fingerprint(file.content)}` ? 'equal' : 'differs';
}

/** Throws GRAFANA_SICK unless Grafana says that its database works. */
export async function assertHealthy(grafana: Grafana): Promise<void> {
  const { ok, detail } = await grafana.health();
  if (ok) return;
  throw new CloudopsError({
    code: 'GRAFANA_SICK',
    what: `${grafana.place} isn't healthy.`,
    why: detail,
    fix: ["Look at its log on the host: 'journalctl -u grafana-server -n 50'."],
  });
}
