import type { DashboardState } from '../operations/compare-dashboards.js';
import type { Preview } from '../operations/preview-dashboards.js';
import type { PullResult } from '../operations/pull-dashboards.js';
import type { UploadedDashboard, UploadResult } from '../operations/upload-dashboards.js';

/** What an upload came to, a line for each dashboard, then the panels that show nothing. Pure. */
export function uploadText({ dashboards, skipped, empty }: UploadResult): string {
  if (skipped !== undefined) {
    return `Dashboards skipped: ${skipped}. 'cloudops dashboards preview' draws them without Grafana.`;
  }
  const width = Math.max(0, ...dashboards.map(({ action }) => action.length));
  const lines = dashboards.map(
    (one) => `${one.action.padEnd(width)}  ${nameOf(one)}${one.note ? `: ${one.note}` : ''}`,
  );
  if (dashboards.some(({ action }) => action === 'kept')) lines.push(wayOut);
  return [...lines, ...emptyLines(empty)].join('\n');
}

const wayOut =
  "Edited in Grafana and kept: 'cloudops dashboards diff' shows where, 'cloudops dashboards pull' writes it to a file, 'cloudops dashboards upload --overwrite' replaces it.";

function emptyLines(empty: UploadResult['empty']): string[] {
  if (empty === undefined || empty.length === 0) return [];
  const head = empty.length === 1 ? '1 panel shows nothing yet:' : `${empty.length} panels show nothing yet:`;
  const lines = empty
    .slice(0, 30)
    .map(({ dashboard, panel, because, expr }) => `  ${dashboard}, ${panel}: ${because}: ${expr}`);
  const rest = empty.length > 30 ? [`  and ${empty.length - 30} more (all of them with --json)`] : [];
  return [head, ...lines, ...rest, 'On a new stack rates need two scrapes: look again in a minute.'];
}

/** What a pull came to, a line for each dashboard. Pure. */
export function pullText({ dashboards, skipped }: PullResult): string {
  if (skipped !== undefined) return `Nothing to pull: ${skipped}.`;
  const words = {
    absent: 'not in Grafana',
    conflict: 'conflict',
    refused: 'refused',
    unchanged: 'unchanged',
    written: 'written',
  };
  const lines = dashboards.map(({ action, title, file, note }) => {
    const where = action === 'written' || action === 'conflict' ? `: ${file}` : '';
    return `${words[action].padEnd(14)}  ${title}${where}${note ? ` (${note})` : ''}`;
  });
  if (dashboards.some(({ action }) => action === 'written')) lines.push(afterPull);
  if (dashboards.some(({ action }) => action === 'conflict')) lines.push(onConflict);
  return lines.join('\n');
}

const afterPull =
  "A new file counts once it is named in 'dashboards.files' of cloudops.yaml; one with the uid of a shipped dashboard takes its place.";
const onConflict =
  "Changed on both sides and not written: see the difference with 'cloudops dashboards diff', then take Grafana's with 'cloudops dashboards pull --overwrite' or the file's with 'cloudops dashboards upload --overwrite'.";

function nameOf({ title, uid, source }: UploadedDashboard): string {
  return title === undefined ? source : `${title} (${uid ?? ''})`;
}

/** What a preview came to. Pure. */
export function previewText({ file, place, dashboards, refused }: PreviewText): string {
  const lines = dashboards.map(({ title, panels, empty }) => {
    const nothing = empty.length === 0 ? '' : `, ${empty.length} without data: ${empty.join(', ')}`;
    return `${title}: ${panels} panels${nothing}`;
  });
  const bad = refused.map(({ why }) => `refused: ${why}`);
  return [...lines, ...bad, `Drawn from ${place} into ${file}.`].join('\n');
}

interface PreviewText extends Omit<Preview, 'page'> {
  readonly file: string;
}

/** Where each dashboard in Grafana differs from the file. Pure. */
export function diffText(states: readonly DashboardState[]): string {
  return states.flatMap(stateLines).join('\n');
}

function stateLines({ title, uid, state, differences, edited }: DashboardState): string[] {
  const words = { equal: 'equal', absent: 'not in Grafana', differs: 'differs' } as const;
  const shown = differences
    .slice(0, 20)
    .map(({ path, from, to }) => `  ${path}: ${short(from)} -> ${short(to)}`);
  const rest = differences.length > 20 ? [`  and ${differences.length - 20} more`] : [];
  return [`${title} (${uid}): ${words[state]}${edited ? `, ${edited}` : ''}`, ...shown, ...rest];
}

function short(value: unknown): string {
  if (value === undefined) return '(nothing)';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
