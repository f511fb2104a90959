import { CloudopsError, exitCodes } from '../errors.js';
import { usageError } from './usage-error.js';

/** What is shown of an error, to people and in `--json`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** The single errors when several tasks failed. */
  readonly errors?: readonly Failure[];
}

/**
 * Prints an error that reached the top, as JSON on stdout or as text on stderr, and returns the exit code. `commands`
 * are the ids there are, for an unknown one.
 */
export function reportFailure(
  thrown: unknown,
  argv: readonly string[],
  commands: readonly string[] = [],
): number {
  const passThrough = argv.indexOf('--');
  const flags = passThrough === -1 ? argv : argv.slice(0, passThrough);
  const exit = exitOf(thrown);
  if (isExit(thrown)) return exit;
  const error = operatorError(thrown, argv, commands);
  if (flags.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: failureOf(error) }, undefined, 2)}\n`);
  } else {
    process.stderr.write(`${failureText(error)}\n`);
  }
  if (process.env['DEBUG']?.startsWith('cloudops') === true) process.stderr.write(`${stackOf(thrown)}\n`);
  return error.exitCode;
}

/** Any thrown value as an error for the operator: ours as it is, oclif's as wrong use, the rest as our bug. */
export function operatorError(
  thrown: unknown,
  argv: readonly string[] = [],
  commands: readonly string[] = [],
): CloudopsError {
  if (thrown instanceof CloudopsError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.name === 'ExitPromptError') return interrupted(error);
  if ('oclif' in error) return usageError(error, argv, commands);
  return new CloudopsError({
    code: 'INTERNAL',
    what: 'Something went wrong inside cloudops; this is our bug, not yours.',
    why: `${error.name}: ${error.message}`,
    fix: ["Set 'DEBUG=cloudops*' and run it again; report what it prints."],
    cause: error,
  });
}

/** The operator stopped the run; the same command goes on from there. */
export function interrupted(cause?: unknown): CloudopsError {
  return new CloudopsError({
    code: 'INTERRUPTED',
    what: 'Interrupted. What was done is kept, nothing is half recorded.',
    fix: ['Run the same command again: it goes on from what exists.'],
    exit: exitCodes.interrupted,
    cause,
  });
}

/** The shape of `{"error": ...}`. */
export function failureOf(error: CloudopsError): Failure {
  const several = error.cause instanceof AggregateError ? (error.cause.errors as unknown[]) : [];
  return {
    code: error.code,
    message: error.message,
    ...(error.fix.length > 0 && { hint: error.fix.join(' ') }),
    ...(several.length > 0 && { errors: several.map((one) => failureOf(operatorError(one))) }),
    ...error.details,
  };
}

/** What happened, why, its code, and a line for each thing to try. */
export function failureText(error: CloudopsError): string {
  const several = error.cause instanceof AggregateError ? (error.cause.errors as unknown[]) : [];
  return [
    `Error: ${error.what}`,
    ...(error.why === undefined ? [] : [indent(error.why)]),
    ...several.map((one) => indent(failureText(operatorError(one)))),
    `  Code: ${error.code}`,
    ...error.fix.map((line) => `  Try: ${line}`),
  ].join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function isExit(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as { code?: string }).code === 'EEXIT';
}

function exitOf(thrown: unknown): number {
  const exit = (thrown as { oclif?: { exit?: number } } | undefined)?.oclif?.exit;
  return exit ?? exitCodes.failed;
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\nCaused by: ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
