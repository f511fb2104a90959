import type { PreflightResult } from '../operations/preflight.js';
import { duration } from './duration.js';

const marks = { ok: 'ok  ', warning: 'warn', failed: 'FAIL', skipped: 'skip' } as const;

/** The checks for people: one line each, with what to do below. Pure. */
export function preflightText({ findings, durationMs }: PreflightResult): string {
  const width = Math.max(...findings.map(({ id }) => id.length));
  const lines = findings.flatMap(({ id, status, saw, fix = [] }) => [
    `${marks[status]}  ${id.padEnd(width)}  ${saw}`,
    ...(status === 'ok' ? [] : fix.map((line) => `${' '.repeat(width + 8)}Try: ${line}`)),
  ]);
  const count = (status: string): number => findings.filter((one) => one.status === status).length;
  const parts = (
    [
      ['ok', 'ok'],
      ['warning', 'to look at'],
      ['failed', 'failed'],
      ['skipped', 'not checked'],
    ] as const
  ).flatMap(([status, word]) => (count(status) === 0 ? [] : [`${count(status)} ${word}`]));
  return [...lines, '', `${parts.join(', ')} in ${duration(durationMs)}.`].join('\n');
}
