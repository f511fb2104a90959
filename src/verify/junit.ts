import { writeFile } from 'node:fs/promises';
import { CloudopsError } from '../errors.js';
import type { Check } from './probe.js';

/** Writes the report; throws JUNIT_NOT_WRITTEN when the file can't be. */
export async function writeJunit(
  file: string,
  stack: string,
  checks: readonly Check[],
  durationMs: number,
): Promise<void> {
  try {
    await writeFile(file, junit(stack, checks, durationMs));
  } catch (cause) {
    throw new CloudopsError({
      code: 'JUNIT_NOT_WRITTEN',
      what: `The report can't be written to ${file}.`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: ["Give '--junit' a file in a folder that exists and that you may write to."],
      cause,
    });
  }
}

/** The checks as JUnit XML, which CI systems show: one case a check, a suite for each kind. Pure. */
export function junit(stack: string, checks: readonly Check[], durationMs: number): string {
  const suites = new Map<string, Check[]>();
  for (const check of checks) {
    const name = check.id.split('.')[0] ?? check.id;
    suites.set(name, [...(suites.get(name) ?? []), check]);
  }
  const head = `<testsuites name="${escape(`cloudops verify ${stack}`)}" ${counts(checks)} time="${inSeconds(durationMs)}">`;
  const body = [...suites].map(([name, held]) => suite(name, held));
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...body, '</testsuites>', ''].join('\n');
}

function suite(name: string, checks: readonly Check[]): string {
  const time = inSeconds(checks.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const head = `  <testsuite name="${escape(name)}" ${counts(checks)} time="${time}">`;
  return [head, ...checks.map(testCase), '  </testsuite>'].join('\n');
}

function testCase({ id, target, status, message, hint, durationMs }: Check): string {
  const facts = `name="${escape(`${id} ${target}`)}" classname="${escape(id)}" time="${inSeconds(durationMs)}"`;
  if (status === 'pass') return `    <testcase ${facts}/>`;
  const inner =
    status === 'skip'
      ? `<skipped message="${escape(message)}"/>`
      : `<failure message="${escape(message)}">${escape(hint ?? message)}</failure>`;
  return `    <testcase ${facts}>${inner}</testcase>`;
}

function counts(checks: readonly Check[]): string {
  const of = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  return `tests="${checks.length}" failures="${of('fail')}" errors="0" skipped="${of('skip')}"`;
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no place for control characters, however they are written. */
function escape(text: string): string {
  // eslint-disable-next-line no-control-regex
  const allowed = text.replaceAll(/[\u0000-\u0008\u000b-\u001f]/g, '');
  return allowed.replaceAll(/[&<>"]/g, (one) => entities[one] ?? one);
}
