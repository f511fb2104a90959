import { CloudopsError } from '../errors.js';
import type { Plan } from '../infra/plan.js';
import type { Context } from './context.js';
import { samePlan } from './plan-file.js';
import { planInfra, type PlanOptions } from './plan-infra.js';

/** Plans anew after another run was at work; a plan that differs from the one shown needs to be agreed to again. */
export async function planAgain(
  context: Context,
  shown: Plan,
  options: PlanOptions & { agree(plan: Plan): Promise<boolean> },
): Promise<Plan> {
  const now = await planInfra(context, options);
  if (samePlan(shown, now) || (await options.agree(now))) return now;
  throw new CloudopsError({
    code: 'PLAN_STALE',
    what: 'Another run has changed the stack since the plan was made; nothing was changed.',
    fix: ['Run the same command again and look at the new plan.'],
  });
}
