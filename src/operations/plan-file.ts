import { readFile, writeFile } from 'node:fs/promises';
import { CloudopsError, exitCodes } from '../errors.js';
import { canonical } from '../infra/diff.js';
import type { Plan } from '../infra/plan.js';

const format = 'cloudops-plan-1';

/** Keeps a plan in a file, for `infra up --plan`. */
export async function savePlan(plan: Plan, path: string): Promise<void> {
  await writeFile(path, `${JSON.stringify({ format, plan }, undefined, 2)}\n`, { mode: 0o600 });
}

/** The plan that `savePlan` kept. */
export async function loadPlan(path: string): Promise<Plan> {
  try {
    const document = JSON.parse(await readFile(path, 'utf8')) as { format?: string; plan?: Plan };
    if (document.format === format && document.plan !== undefined) return document.plan;
    throw new Error(`it isn't of the format ${format}`);
  } catch (error) {
    throw new CloudopsError({
      code: 'PLAN_FILE',
      what: `${path} is not a plan.`,
      why: `${(error as Error).message}.`,
      fix: ["Make one with 'cloudops infra plan --out FILE'."],
      exit: exitCodes.usage,
      cause: error,
    });
  }
}

/** Pure: whether two plans do the same. */
export function samePlan(one: Plan, other: Plan): boolean {
  const essence = (plan: Plan): string =>
    canonical({
      stack: plan.stack,
      region: plan.region,
      changes: plan.changes.map(({ shows: _, ...change }) => change),
    });
  return essence(one) === essence(other);
}

/** Refuses a kept plan when one made now would do something else. */
export function refuseStale(kept: Plan, now: Plan): void {
  if (samePlan(kept, now)) return;
  const moved = now.changes.filter((change) => {
    const before = kept.changes.find(({ address }) => address === change.address);
    return (
      before === undefined ||
      before.action !== change.action ||
      canonical(before.fields) !== canonical(change.fields)
    );
  });
  throw new CloudopsError({
    code: 'PLAN_STALE',
    what: 'The plan is out of date; nothing was changed.',
    why: `Since it was made, the stack or the config has changed${
      moved.length > 0 ? `: ${moved.map(({ address }) => address).join(', ')}` : ''
    }.`,
    fix: ["Make a new one with 'cloudops infra plan --out FILE' and look at it."],
  });
}
