import { CloudopsError } from '../errors.js';
import type { DashboardJson } from './grafana.js';
import { isObject } from './json.js';

/** One dashboard from a file, checked, ready to be saved. */
export interface DashboardFile {
  /** The path, or the name of a shipped one. */
  readonly source: string;
  readonly uid: string;
  readonly title: string;
  readonly content: DashboardJson;
  /** What was put in for placeholders of data sources, in words for the operator. */
  readonly resolved: readonly string[];
}

/** Far more than any real dashboard has. */
const deepest = 100;

/** An error about one dashboard file. */
export function bad(code: string, source: string, why: string, fix: string): CloudopsError {
  return new CloudopsError({ code, what: `${source} is not uploaded:`, why: `it ${why}`, fix: [fix] });
}

/**
 * Reads classic dashboard JSON, as exported or as the API returns it; rejects what Grafana would refuse or
 * misplace. Throws a `CloudopsError` whose code starts with DASHBOARD_.
 */
export function parseDashboard(source: string, text: string): DashboardFile {
  const plain = unwrap(source, parseJson(source, text));
  const uid = checkedUid(source, plain['uid']);
  const title = checkedTitle(source, plain['title']);
  checkShape(source, plain);
  return { source, uid, title, content: plain, resolved: [] };
}

function parseJson(source: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw bad('DASHBOARD_NOT_JSON', source, `isn't JSON: ${why}.`, 'Export it again, or repair it there.');
  }
  if (!isObject(value)) throw wrongShape(source, 'holds no JSON object.');
  if (depth(value) > deepest) throw wrongShape(source, `is nested more than ${deepest} levels deep.`);
  return value;
}

/** Levels of objects and lists; without recursion, which is what deep nesting breaks. */
function depth(value: object): number {
  let levels = 0;
  for (let level: object[] = [value]; level.length > 0 && levels <= deepest; levels++) {
    level = level.flatMap((one) => (Object.values(one) as unknown[]).filter(isHolder));
  }
  return levels;
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Takes the dashboard out of what the API or a Kubernetes-style export puts round it. */
function unwrap(source: string, value: Record<string, unknown>): Record<string, unknown> {
  const { dashboard, spec, apiVersion, metadata } = value;
  if (typeof apiVersion === 'string' && isObject(spec)) {
    const named = isObject(metadata) ? metadata['name'] : undefined;
    return checkedVersion(source, { uid: named, ...spec });
  }
  if (isObject(dashboard)) return checkedVersion(source, dashboard);
  return checkedVersion(source, value);
}

function checkedVersion(source: string, value: Record<string, unknown>): Record<string, unknown> {
  if (!('elements' in value) || !('layout' in value)) return value;
  throw bad(
    'DASHBOARD_V2',
    source,
    'is in the v2 format, which only Grafana 13 reads.',
    "Export it as 'Classic' (Share, Export, Model: Classic): Grafana 11 to 13 take that.",
  );
}

function checkedUid(source: string, uid: unknown): string {
  if (typeof uid === 'string' && /^[A-Za-z0-9_-]{1,40}$/.test(uid)) return uid;
  const saw = uid === undefined || uid === null || uid === '' ? "has no 'uid'." : `has the uid ${show(uid)}.`;
  throw bad(
    'DASHBOARD_UID',
    source,
    saw,
    "Give it a fixed 'uid' of up to 40 letters, digits, dashes and underscores: without one each upload makes a copy.",
  );
}

function checkedTitle(source: string, title: unknown): string {
  if (typeof title !== 'string' || title.trim() === '') {
    throw bad(
      'DASHBOARD_TITLE',
      source,
      "has no 'title'.",
      "Add one: it is the dashboard's name in Grafana.",
    );
  }
  if (!/<\s*\/?\s*(script|iframe|img|svg|object|embed)\b|javascript:/i.test(title)) return title;
  throw bad(
    'DASHBOARD_TITLE',
    source,
    `has markup in its title: ${show(title)}.`,
    'Write the title as plain text.',
  );
}

function checkShape(source: string, content: Record<string, unknown>): void {
  const { panels, rows, templating, schemaVersion } = content;
  if (panels !== undefined && !(Array.isArray(panels) && panels.every(isObject))) {
    throw wrongShape(source, "has 'panels' that aren't a list of objects.");
  }
  if (panels === undefined && rows !== undefined) {
    throw wrongShape(source, "has 'rows' in place of 'panels', as dashboards before Grafana 5 had.");
  }
  if (templating !== undefined && !isObject(templating)) {
    throw wrongShape(source, "has a 'templating' that isn't an object.");
  }
  if (schemaVersion !== undefined && typeof schemaVersion !== 'number') {
    throw wrongShape(source, "has a 'schemaVersion' that isn't a number.");
  }
}

function wrongShape(source: string, why: string): CloudopsError {
  return bad('DASHBOARD_SHAPE', source, why, "Use a dashboard exported from Grafana ('Export as JSON').");
}

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 80);
}
