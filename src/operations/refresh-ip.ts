import { callerIdentity } from '../infra/identity.js';
import type { Plan } from '../infra/plan.js';
import { type Applied, applyPlan } from './apply-plan.js';
import type { Context } from './context.js';
import { planRefresh } from './plan-refresh.js';
import { viewLock } from './with-lock.js';

/** Applies a plan of `planRefresh` under the stack's lock; after another run it is made anew. */
export async function refreshIp(
  context: Context,
  plan: Plan,
  { waitMs }: { readonly waitMs: number },
): Promise<Applied> {
  const aws = await context.aws();
  const owner = callerIdentity(aws).then(
    ({ arn }) => arn,
    () => 'unknown',
  );
  const view = await viewLock(aws, { command: 'infra refresh-ip', waitMs, owner });
  return applyPlan(context, plan, { lock: { view, again: () => planRefresh(context) } });
}
