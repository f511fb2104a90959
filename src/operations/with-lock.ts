import { CloudopsError, exitCodes } from '../errors.js';
import { codeOf } from '../infra/faults.js';
import type { Lock } from '../infra/lock/held-lock.js';
import { type Entry, holderText } from '../infra/lock/lease.js';
import { acquire, type Glance, glance, holderIn, LockHeld } from '../infra/lock/lock.js';
import { forget } from '../infra/lock/parameters.js';
import type { Aws } from '../infra/resource.js';
import type { Context } from './context.js';

/** What was seen of the lock beside the plan, and how it is to be taken. */
export interface LockView {
  /** Undefined where the lock can't be read; `problem` says why. */
  readonly glance: Glance | undefined;
  readonly problem?: unknown;
  /** What the operator runs, e.g. `infra up`. */
  readonly command: string;
  readonly owner: string;
  /** How long to wait for another holder, in ms. */
  readonly waitMs: number;
}

/** Looks who holds the lock: one call. Never rejects: without the permission or without SSM there is just no lock. */
export async function viewLock(
  aws: Aws,
  how: { command: string; waitMs: number; owner: Promise<string> },
): Promise<LockView> {
  const [seen, owner] = await Promise.all([
    glance(aws).then(
      (found) => ({ glance: found }),
      (problem: unknown) => ({ glance: undefined, problem }),
    ),
    how.owner,
  ]);
  return { ...seen, command: how.command, waitMs: how.waitMs, owner };
}

/** Rejects with `LOCKED` (exit 6) when somebody holds the lock now and nobody wants to wait. */
export function refuseLocked(context: Context, aws: Aws, view: LockView): void {
  const held = view.glance && holderIn(view.glance, aws.now());
  if (held !== undefined && view.waitMs === 0) throw locked(context, held, view.waitMs);
}

/** What the work under a lock is given. */
export interface Locked {
  /** Its operation carries the lock's number, so that tags tell which of two runs came later. */
  readonly aws: Aws;
  /** True when the stack may have changed since the view: a plan made then is to be made again. */
  readonly moved: boolean;
}

/**
 * Runs `work` under the stack's lock and gives it back whatever happens; `LOCKED` (exit 6) when another run holds it.
 * With `remove`, work that resolves with true leaves no trace of the lock. Where there is no lock to be had it warns
 * and goes on: what keeps a stack whole is not the lock.
 */
export async function withLock<T extends { readonly gone: boolean }>(
  context: Context,
  view: LockView,
  work: (locked: Locked) => Promise<T>,
): Promise<T> {
  const aws = await context.aws();
  const lock = await take(context, aws, view);
  if (lock === undefined) return work({ aws, moved: false });
  let gone = false;
  try {
    const operation = `${lock.number}-${aws.operation}`;
    const result = await work({ aws: { ...aws, operation }, moved: lock.moved });
    ({ gone } = result);
    return result;
  } finally {
    await (gone ? lock.remove().catch(() => lock.release()) : lock.release()).catch((error: unknown) => {
      warn(context, `The lock was not given back (${reasonOf(error)}); it expires by itself.`);
    });
  }
}

/** Removes what is left of the lock of a stack that is gone. */
export async function forgetLock(aws: Aws, { glance: seen }: LockView): Promise<void> {
  const numbers = (seen?.entries ?? []).map(({ number }) => number);
  if (numbers.length === 0 || (seen && holderIn(seen, aws.now())) !== undefined) return;
  await forget(aws, numbers).catch(() => undefined);
}

async function take(context: Context, aws: Aws, view: LockView): Promise<Lock | undefined> {
  const { command, owner, waitMs } = view;
  const { signal } = context;
  if (view.glance === undefined) {
    noLock(context, view.problem);
    return undefined;
  }
  const waiting = (held: Entry): void =>
    warn(context, `Waiting for the lock: held by ${holderText(held.lease)}.`);
  const lost = (by: Entry): void =>
    warn(context, `The lock was taken over by ${holderText(by.lease)}; this run goes on to its end.`);
  try {
    const lock = await acquire(aws, {
      command,
      owner,
      waitMs,
      signal,
      glance: view.glance,
      waiting,
      lost,
    });
    if (lock.tookOver !== undefined) warn(context, takeoverText(lock.tookOver));
    return lock;
  } catch (error) {
    if (error instanceof LockHeld) throw locked(context, error.held, waitMs);
    if (signal.aborted) throw error;
    noLock(context, error);
    return undefined;
  }
}

function takeoverText({ from, because }: NonNullable<Lock['tookOver']>): string {
  const why = because === 'dead' ? 'its process has ended' : 'it was not renewed for ten minutes';
  return `Took over the lock of ${holderText(from.lease)}: ${why}.`;
}

function noLock(context: Context, error: unknown): void {
  warn(
    context,
    `Working without a lock (${reasonOf(error)}). The stack stays whole all the same; just don't run two changes at once.`,
  );
}

const reasonOf = (error: unknown): string =>
  codeOf(error) ?? (error instanceof Error ? error.message : String(error));

function warn({ on }: Context, message: string): void {
  on({ type: 'note', level: 'warning', message });
}

function locked({ stack }: Context, held: Entry, waitMs: number): CloudopsError {
  const waited = waitMs === 0 ? '' : ` It was not given back within ${Math.round(waitMs / 1_000)} s.`;
  return new CloudopsError({
    code: 'LOCKED',
    what: `Another run is changing the stack '${stack}'; nothing was changed.`,
    why: `Lock ${held.number} is held by ${holderText(held.lease)}.${waited}`,
    fix: [
      "Wait until it has ended, or give '--lock-timeout 5m' to wait for it.",
      "When you know that it runs no more: 'cloudops infra unlock'.",
    ],
    exit: exitCodes.locked,
  });
}
