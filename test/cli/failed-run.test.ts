import { describe, expect, it } from '@jest/globals';
import { failedRun } from '../../src/cli/failed-run.js';
import { failureText } from '../../src/cli/failure.js';
import type { Report, Result } from '../../src/engine/task.js';
import { CloudopsError, exitCodes } from '../../src/errors.js';

const done = (id: string): Result => ({ id, status: 'done', outcome: 'changed', ms: 1 });
const skipped = (id: string, because: string): Result => ({ id, status: 'skipped', because });
const failed = (id: string, error: Error): Result => ({ id, status: 'failed', error, ms: 1 });
const denied = (what: string): CloudopsError =>
  new CloudopsError({ code: 'DENIED', what, exit: exitCodes.notPermitted });

function report(results: readonly Result[], interrupted = false): Report {
  return { results, ok: results.every(({ status }) => status === 'done'), interrupted };
}

describe('failedRun', () => {
  it('is nothing when every task is done', () => {
    expect(failedRun(report([done('a')]))).toBeUndefined();
  });

  it('is the one error, as it is', () => {
    const error = denied('No.');
    expect(failedRun(report([done('a'), failed('b', error), skipped('c', 'needs b')]))).toBe(error);
  });

  it('keeps all errors, and the exit code that they agree on', () => {
    const several = failedRun(
      report([failed('a', denied('A.')), failed('b', denied('B.')), skipped('c', 'needs a')]),
    )!;
    expect(several).toMatchObject({ code: 'TASKS_FAILED', exitCode: 7 });
    expect(failureText(several)).toContain('2 of 3 tasks failed, 1 that need them were not started.');
    expect(failureText(several)).toMatch(/A\.[^]*B\./);
    const mixed = failedRun(report([failed('a', denied('A.')), failed('b', new TypeError('bug'))]))!;
    expect(mixed.exitCode).toBe(1);
  });

  it('says how far an interrupted run came and how to go on', () => {
    const results = [
      done('a'),
      done('b'),
      skipped('c', 'interrupted'),
      skipped('d', 'interrupted while it ran'),
    ];
    const error = failedRun(report(results, true))!;
    expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(failureText(error)).toContain('Interrupted: 2 of 4 tasks are done, and what they made exists.');
    expect(failureText(error)).toContain('Run the same command again');
    expect(failureText(error)).not.toContain('bug');
  });
});
