import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CloudopsError } from '../errors.js';
import { template } from '../templates.js';
import { bad, parseDashboard, type DashboardFile } from './parse.js';

/** A file that isn't uploaded, and why. */
export interface Refused {
  readonly source: string;
  readonly error: CloudopsError;
}

export interface Loaded {
  readonly good: readonly DashboardFile[];
  readonly refused: readonly Refused[];
}

/** Bytes; the largest dashboard known in the wild has under 2 MB, and Grafana's own request limit is near. */
const largest = 8 * 1024 * 1024;

const shippedFiles = ['system-overview.json', 'prometheus-monitoring.json', 'fleet.json'] as const;

/** The dashboards that come with cloudops. */
export function shippedDashboards(): readonly DashboardFile[] {
  return shippedFiles.map((name) => parseDashboard(name, template(`dashboards/${name}`)));
}

/** Reads files, and the *.json of folders. A bad one is refused by name; the others are good all the same. */
export async function loadDashboards(paths: readonly string[]): Promise<Loaded> {
  const sources = (await Promise.all(paths.map(expand))).flat();
  const read = await Promise.all(sources.map(loadOne));
  return apart(read);
}

async function expand(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .sort()
    .map((name) => join(path, name));
}

async function loadOne(source: string): Promise<DashboardFile | Refused> {
  try {
    const { size } = await stat(source);
    if (size > largest) throw tooLarge(source, size);
    return parseDashboard(source, await readFile(source, 'utf8'));
  } catch (error) {
    return { source, error: error instanceof CloudopsError ? error : unreadable(source, error) };
  }
}

/** Two files with one uid would overwrite each other: the first stays good, each further one is refused. */
function apart(read: readonly (DashboardFile | Refused)[]): Loaded {
  const good = new Map<string, DashboardFile>();
  const refused: Refused[] = [];
  for (const one of read) {
    if ('error' in one) {
      refused.push(one);
      continue;
    }
    const first = good.get(one.uid);
    if (first === undefined) good.set(one.uid, one);
    else refused.push({ source: one.source, error: duplicate(one, first) });
  }
  return { good: [...good.values()], refused };
}

function duplicate(file: DashboardFile, first: DashboardFile): CloudopsError {
  return bad(
    'DASHBOARD_DUPLICATE',
    file.source,
    `has the uid '${file.uid}', which ${basename(first.source)} has too.`,
    "Give one of them another 'uid': Grafana keeps one dashboard for each.",
  );
}

function tooLarge(source: string, size: number): CloudopsError {
  const megabytes = (size / 1024 / 1024).toFixed(1);
  return bad(
    'DASHBOARD_TOO_LARGE',
    source,
    `is ${megabytes} MB; the limit is ${largest / 1024 / 1024} MB.`,
    'Export it again without snapshot data.',
  );
}

function unreadable(source: string, cause: unknown): CloudopsError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return bad('DASHBOARD_UNREADABLE', source, `can't be read: ${why}.`, 'Check the path and its permissions.');
}
