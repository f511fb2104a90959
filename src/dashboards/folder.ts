import type { Config } from '../config/schema.js';

/** A folder of Grafana. */
export interface Folder {
  readonly uid: string;
  readonly title: string;
}

/** Where we put dashboards; the uid follows from the title, and ours never changes. */
export function folderOf({ dashboards: { folder: title } }: Pick<Config, 'dashboards'>): Folder {
  if (title === 'CloudOps') return { uid: 'cloudops', title };
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return { uid: `cloudops-${slug}`.slice(0, 40), title };
}
