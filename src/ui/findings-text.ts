import type { Check } from '../verify/probe.js';

const words: Readonly<Record<Check['status'], string>> = { pass: 'ok', fail: 'FAIL', skip: 'skip' };

/** The checks as a table for people: what passed, then what was skipped, then each failure with what to do. Pure. */
export function findingsText(checks: readonly Check[]): string {
  const width = {
    id: widest(checks.map(({ id }) => id)),
    target: widest(checks.map(({ target }) => target)),
  };
  const order: readonly Check['status'][] = ['pass', 'skip', 'fail'];
  const rows = order.flatMap((status) => checks.filter((check) => check.status === status));
  const lines = rows.flatMap((check) => [
    `${words[check.status].padEnd(4)}  ${check.id.padEnd(width.id)}  ${check.target.padEnd(width.target)}  ${check.message}`,
    ...(check.hint === undefined ? [] : [`      -> ${check.hint}`]),
  ]);
  return [...lines, '', summaryLine(checks)].join('\n');
}

/** e.g. `12 checks: 11 ok, 1 skipped.` */
export function summaryLine(checks: readonly Check[]): string {
  const of = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const parts = [
    `${of('pass')} ok`,
    ...(of('skip') === 0 ? [] : [`${of('skip')} skipped`]),
    ...(of('fail') === 0 ? [] : [`${of('fail')} failed`]),
  ];
  return `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}: ${parts.join(', ')}.`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}
