import { callerIdentity, type Identity } from '../infra/identity.js';
import type { Plan } from '../infra/plan.js';
import type { Context } from './context.js';
import { planInfra } from './plan-infra.js';
import { refuseFindings, upFindings } from './preflight.js';
import { type LockView, refuseLocked, viewLock } from './with-lock.js';

export interface PrepareOptions {
  /** What the operator runs, e.g. `infra up`: what others read when they find the stack locked. */
  readonly command: string;
  /** How long to wait for another run that holds the lock, in ms. */
  readonly waitMs: number;
  /** Plan to remove everything of the stack. */
  readonly destroy?: boolean;
}

/** What is known before a change. */
export interface Prepared {
  readonly plan: Plan;
  readonly lock: LockView;
}

/**
 * Reads everything that a change depends on, all at once: the plan, who holds the lock, and what would make it fail
 * half-way. Rejects with `LOCKED` (exit 6) or with all that stands in the way (exit 7) before anything is made.
 */
export async function prepare(context: Context, options: PrepareOptions): Promise<Prepared> {
  const aws = await context.aws();
  const identity = callerIdentity(aws);
  // Told by the findings; a caller that AWS doesn't know gets no plan either.
  identity.catch(() => undefined);
  const owner = identity.then(
    ({ arn }: Identity) => arn,
    () => 'unknown',
  );
  const destroy = options.destroy ?? false;
  const [plan, lock] = await Promise.all([
    planInfra(context, { destroy }),
    viewLock(aws, { command: options.command, waitMs: options.waitMs, owner }),
  ]);
  if (!plan.empty) refuseLocked(context, aws, lock);
  if (!destroy) refuseFindings(context, await upFindings(context, aws, { plan, identity }));
  return { plan, lock };
}
