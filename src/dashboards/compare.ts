import { createHash } from 'node:crypto';
import type { DashboardJson } from './grafana.js';

/** What Grafana counts up, upgrades or fills in by itself: no sign of a change. */
const volatile = new Set(['id', 'version', 'iteration', 'schemaVersion', 'gnetId']);

/** One place where two dashboards differ; `path` as in `panels[2].title`. */
export interface Difference {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** The dashboard without what Grafana changes by itself, keys in order: equal text means equal dashboards. */
export function canonical(dashboard: DashboardJson): string {
  return JSON.stringify(sorted(meaning(dashboard)));
}

/** Short and stable; goes into the message of each save, so that a later run knows its own work. */
export function fingerprint(dashboard: DashboardJson): string {
  return createHash('sha256').update(canonical(dashboard)).digest('hex').slice(0, 16);
}

/** Where `stored` and `wanted` differ, in the order of the wanted one's keys; volatile fields left out. */
export function differences(stored: DashboardJson, wanted: DashboardJson): Difference[] {
  const found: Difference[] = [];
  walk('', meaning(stored), meaning(wanted), found);
  return found;
}

function meaning(dashboard: DashboardJson): DashboardJson {
  return Object.fromEntries(Object.entries(dashboard).filter(([key]) => !volatile.has(key)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, held]) => held !== null && held !== undefined);
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, held]) => [key, sorted(held)]));
}

function walk(path: string, from: unknown, to: unknown, found: Difference[]): void {
  if (Array.isArray(from) && Array.isArray(to)) {
    const length = Math.max(from.length, to.length);
    for (let index = 0; index < length; index++) walk(`${path}[${index}]`, from[index], to[index], found);
  } else if (isObject(from) && isObject(to)) {
    for (const key of new Set([...Object.keys(to), ...Object.keys(from)])) {
      walk(path === '' ? key : `${path}.${key}`, from[key], to[key], found);
    }
  } else if ((from ?? undefined) !== (to ?? undefined)) {
    found.push({ path, from, to });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
