import type { Report } from '../engine/task.js';
import { CloudopsError, exitCodes } from '../errors.js';
import { operatorError } from './failure.js';

/** The error that a run's report amounts to; undefined when every task is done. */
export function failedRun(report: Report): CloudopsError | undefined {
  const errors = report.results.flatMap((result) => (result.status === 'failed' ? [result.error] : []));
  if (report.interrupted) return interruptedRun(report, errors);
  if (report.ok) return undefined;
  const [first, ...others] = errors;
  if (first !== undefined && others.length === 0) return operatorError(first);
  const skipped = report.results.filter((result) => result.status === 'skipped').length;
  const total = report.results.length;
  return new CloudopsError({
    code: 'TASKS_FAILED',
    what: `${errors.length} of ${total} tasks failed${skipped > 0 ? `, ${skipped} that need them were not started` : ''}.`,
    fix: ['Run the same command again when the causes are removed: it goes on from what exists.'],
    exit: commonExit(errors),
    cause: new AggregateError(errors),
  });
}

/** Says how far it came: that much exists. */
function interruptedRun({ results }: Report, errors: readonly Error[]): CloudopsError {
  const done = results.filter(({ status }) => status === 'done').length;
  return new CloudopsError({
    code: 'INTERRUPTED',
    what: `Interrupted: ${done} of ${results.length} tasks are done, and what they made exists.`,
    fix: [
      "Run the same command again: it goes on from there. 'cloudops infra status' shows what exists in AWS.",
    ],
    exit: exitCodes.interrupted,
    ...(errors.length > 0 && { cause: new AggregateError(errors) }),
  });
}

/** The exit code that all errors agree on, else 1. */
function commonExit(errors: readonly Error[]): number {
  const exits = new Set(errors.map((error) => operatorError(error).exitCode));
  const [only] = exits;
  return exits.size === 1 && only !== undefined ? only : exitCodes.failed;
}
