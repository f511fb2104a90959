import type { DashboardState } from '../operations/compare-dashboards.js';
import type { UploadedDashboard, UploadResult } from '../operations/upload-dashboards.js';

/** What an upload came to, a line for each dashboard. Pure. */
export function uploadText({ dashboards, skipped }: UploadResult): string {
  if (skipped !== undefined) return `Dashboards skipped: ${skipped}.`;
  const width = Math.max(0, ...dashboards.map(({ action }) => action.length));
  return dashboards
    .map((one) => `${one.action.padEnd(width)}  ${nameOf(one)}${one.note ? `: ${one.note}` : ''}`)
    .join('\n');
}

function nameOf({ title, uid, source }: UploadedDashboard): string {
  return title === undefined ? source : `${title} (${uid ?? ''})`;
}

/** Where each dashboard in Grafana differs from the file. Pure. */
export function diffText(states: readonly DashboardState[]): string {
  return states.flatMap(stateLines).join('\n');
}

function stateLines({ title, uid, state, differences }: DashboardState): string[] {
  const words = { equal: 'equal', absent: 'not in Grafana', differs: 'differs' } as const;
  const shown = differences
    .slice(0, 20)
    .map(({ path, from, to }) => `  ${path}: ${short(from)} -> ${short(to)}`);
  const rest = differences.length > 20 ? [`  and ${differences.length - 20} more`] : [];
  return [`${title} (${uid}): ${words[state]}`, ...shown, ...rest];
}

function short(value: unknown): string {
  if (value === undefined) return '(nothing)';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
