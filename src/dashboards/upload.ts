import { CloudopsError } from '../errors.js';
import { canonical, fingerprint } from './compare.js';
import type { Folder } from './folder.js';
import { provisioned } from './grafana-errors.js';
import type { Grafana, Stored, Version } from './grafana.js';
import type { DashboardFile } from './parse.js';

/** `kept`: edited in Grafana, and so left as it is. */
export type UploadAction = 'created' | 'updated' | 'unchanged' | 'kept';

export interface Uploaded {
  readonly action: UploadAction;
  /** What the operator should know beyond the action, e.g. whose edit was replaced. */
  readonly note?: string;
}

export interface PutOptions {
  readonly folder: Folder;
  /** Replace what somebody edited in Grafana. */
  readonly overwrite: boolean;
}

const signature = 'cloudops ';

/**
 * Makes the dashboard in Grafana equal to the file. Writes only when it differs in more than Grafana's own doing, and
 * never over an edit made in Grafana unless told so. Rejects with GRAFANA_PROVISIONED, _CONFLICT, ...
 */
export async function uploadDashboard(
  grafana: Grafana,
  file: DashboardFile,
  { folder, overwrite }: PutOptions,
): Promise<Uploaded> {
  const stored = await grafana.get(file.uid);
  const message = `${signature}${fingerprint(file.content)}`;
  const save = (onto: number | 'anything' | undefined): Promise<void> =>
    grafana.save(file.content, { folderUid: folder.uid, message, onto });
  if (stored === undefined) {
    await save(undefined);
    return { action: 'created' };
  }
  const moved = stored.folderUid !== folder.uid;
  if (!moved && sameContent(stored, file)) return { action: 'unchanged' };
  if (stored.provisioned) {
    throw provisioned(grafana.place, `The dashboard '${file.title}' (uid ${file.uid}) is provisioned there.`);
  }
  const edit = await editOf(grafana, file.uid);
  // Grafana upgrades what it keeps without making a version: then the last save is still ours, of this very content.
  if (!moved && edit.last?.message === message) return { action: 'unchanged' };
  if (edit.by === undefined) {
    await save(versionOf(stored));
    return { action: 'updated' };
  }
  if (!overwrite) return { action: 'kept', note: `${edit.by}; left as it is` };
  await save('anything');
  return { action: 'updated', note: `replaced what was ${edit.by}` };
}

/** True when Grafana holds the file's dashboard. Reads only; the same test as the upload's. */
export async function isUploaded(
  grafana: Grafana,
  file: DashboardFile,
): Promise<'equal' | 'differs' | 'absent'> {
  const stored = await grafana.get(file.uid);
  if (stored === undefined) return 'absent';
  if (sameContent(stored, file)) return 'equal';
  const [last] = (await grafana.versions(file.uid)) ?? [];
  return last?.message === `${signature}${fingerprint(file.content)}` ? 'equal' : 'differs';
}

interface Edit {
  /** `edited in Grafana by alice at ...`; undefined when the last save is ours. */
  readonly by: string | undefined;
  readonly last: Version | undefined;
}

/** Whether somebody else saved it last. What can't be known counts as an edit. */
export async function editOf(grafana: Grafana, uid: string): Promise<Edit> {
  const versions = await grafana.versions(uid);
  const [last] = versions ?? [];
  if (last === undefined) return { last, by: 'of unknown origin: Grafana shows no history of it' };
  if (last.message.startsWith(signature)) return { last, by: undefined };
  const first = versions?.some(({ message }) => message.startsWith(signature)) === true ? 'edited' : 'made';
  return {
    last,
    by: `${first} in Grafana${last.by ? ` by ${last.by}` : ''}${last.at ? ` at ${last.at}` : ''}`,
  };
}

/** True when the file is what we saved last, whatever was edited in Grafana since. */
export async function isFileOurLastSave(grafana: Grafana, file: DashboardFile): Promise<boolean> {
  const ours = (await grafana.versions(file.uid))?.find(({ message }) => message.startsWith(signature));
  return ours?.message === `${signature}${fingerprint(file.content)}`;
}

function sameContent(stored: Stored, file: DashboardFile): boolean {
  return canonical(stored.dashboard) === canonical(file.content);
}

function versionOf({ dashboard }: Stored): number | 'anything' {
  const { version } = dashboard;
  return typeof version === 'number' ? version : 'anything';
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
