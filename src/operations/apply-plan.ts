import { execute } from '../engine/execute.js';
import type { Report } from '../engine/task.js';
import { CloudopsError, exitCodes } from '../errors.js';
import { makeKeyPair, removeKeyPair } from '../infra/key-file.js';
import { kinds } from '../infra/kinds.js';
import type { Change, Plan } from '../infra/plan.js';
import type { Address, Aws } from '../infra/resource.js';
import { bareKey, type KeyPairSpec } from '../infra/resources/key-pair.js';
import { schedule } from '../infra/schedule.js';
import type { Context } from './context.js';
import { forgetLooks } from './remembered-looks.js';
import { type LockView, withLock } from './with-lock.js';

export interface ApplyOptions {
  /** Replacing means that a resource, and a host with its data, is deleted and made anew. */
  readonly allowReplace?: boolean;
  /** Some changes stop a host for a minute. */
  readonly allowStop?: boolean;
  /** The lock to work under; without it there is none. */
  readonly lock?: ApplyLock;
}

export interface ApplyLock {
  readonly view: LockView;
  /** Plans again when another run may have changed the stack since; rejects when the operator doesn't agree. */
  again(): Promise<Plan>;
}

export interface Applied {
  readonly plan: Plan;
  readonly report: Report;
  /** The ids of what exists now, by address. */
  readonly ids: ReadonlyMap<Address, string>;
}

/** Makes it so. Refuses replacements and stops that weren't allowed before anything is touched. */
export async function applyPlan(context: Context, plan: Plan, options: ApplyOptions = {}): Promise<Applied> {
  refuse(plan, options);
  const { lock } = options;
  if (lock === undefined || plan.empty) return carryOut(context, await context.aws(), plan);
  return withLock(context, lock.view, async ({ aws, moved }) => {
    const current = moved ? await lock.again() : plan;
    refuse(current, options);
    const applied = await carryOut(context, aws, current);
    const gone = applied.report.ok && current.changes.every(({ action }) => action === 'delete');
    return { ...applied, gone };
  });
}

async function carryOut(context: Context, aws: Aws, plan: Plan): Promise<Applied> {
  const ready = await withKey(context, plan);
  const { tasks, ids } = schedule(kinds, ready, aws);
  const report = await execute(tasks, { on: context.on, signal: context.signal });
  const destroyed = plan.changes.some(({ kind, action }) => kind === 'key-pair' && action === 'delete');
  if (report.ok && destroyed) {
    await removeKeyPair(context.stateDir);
    await forgetLooks(context.stateDir);
  }
  return { plan: ready, report, ids };
}

function refuse({ changes }: Plan, { allowReplace, allowStop }: ApplyOptions): void {
  const replaced = changes.filter(({ action }) => action === 'replace');
  if (replaced.length > 0 && allowReplace !== true) throw notAllowed('replace', replaced, '--allow-replace');
  const stopped = changes.filter(({ stops }) => stops);
  if (stopped.length > 0 && allowStop !== true) throw notAllowed('stop', stopped, '--allow-stop');
}

function notAllowed(verb: string, changes: readonly Change[], flag: string): CloudopsError {
  const why = changes.map(({ address, fields, because }) => {
    const paths = fields.filter(({ replaces }) => replaces || verb === 'stop').map(({ path }) => path);
    return `${address} (${because ?? paths.join(', ')})`;
  });
  return new CloudopsError({
    code: verb === 'replace' ? 'REPLACE_NOT_ALLOWED' : 'STOP_NOT_ALLOWED',
    what: `The plan would ${verb} ${changes.length === 1 ? 'a resource' : `${changes.length} resources`}; nothing was changed.`,
    why: `It is about ${why.join(', ')}.`,
    fix: [
      `Give '${flag}' to allow it${verb === 'replace' ? '; data on a replaced host is lost' : ''}.`,
      'Or take the change back in cloudops.yaml.',
    ],
    exit: exitCodes.usage,
  });
}

/** Makes the key pair on this machine when one is to be imported and there is none yet. */
async function withKey({ stack, stateDir }: Context, plan: Plan): Promise<Plan> {
  const isNew = ({ kind, action, spec }: Change): boolean =>
    kind === 'key-pair' &&
    (action === 'create' || action === 'replace') &&
    (spec as KeyPairSpec).publicKey === undefined;
  if (!plan.changes.some(isNew)) return plan;
  const publicKey = bareKey(await makeKeyPair(stateDir, `cloudops ${stack}`));
  const changes = plan.changes.map((change) =>
    isNew(change) ? { ...change, spec: { ...(change.spec as KeyPairSpec), publicKey } } : change,
  );
  return { ...plan, changes };
}
