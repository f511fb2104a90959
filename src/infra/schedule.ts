import type { Concluded, Outcome, Task } from '../engine/task.js';
import { diagnose } from './diagnose.js';
import { type Kinds, kindOf } from './kinds.js';
import type { Change, Plan } from './plan.js';
import type { Address, Aws, IdOf } from './resource.js';

/** A plan as work: the tasks, and the ids of everything that exists so far. */
export interface Schedule {
  readonly tasks: readonly Task[];
  /** Filled while the tasks run; without what was deleted. */
  readonly ids: ReadonlyMap<Address, string>;
}

interface Shared {
  readonly kinds: Kinds;
  readonly aws: Aws;
  readonly ids: Map<Address, string>;
  readonly idOf: IdOf;
  readonly changes: readonly Change[];
  /** Calls that several tasks share, by what they have in common. */
  readonly joint: Map<string, Promise<unknown>>;
}

/** Turns a plan into tasks: creations after what they need, deletions after everything has let go. */
export function schedule(kinds: Kinds, plan: Plan, aws: Aws): Schedule {
  const ids = new Map<Address, string>();
  for (const { address, id, action } of plan.changes) {
    if (id !== undefined && action !== 'replace') ids.set(address, id);
  }
  const idOf: IdOf = (address) => {
    if (!address.includes('/')) return address;
    const id = ids.get(address);
    if (id === undefined) throw new Error(`${address} has no id yet`);
    return id;
  };
  const shared: Shared = { kinds, aws, ids, idOf, changes: plan.changes, joint: new Map() };
  const tasks = plan.changes.flatMap((change) => tasksOf(shared, change));
  return { tasks, ids };
}

function tasksOf(shared: Shared, change: Change): Task[] {
  switch (change.action) {
    case 'keep':
      return [];
    case 'create':
      return [creation(shared, change)];
    case 'update':
      return [update(shared, change)];
    case 'delete':
      return [removal(shared, change)];
    case 'replace':
      return [removal(shared, change), creation(shared, change)];
  }
}

const makes = ({ action }: Change): boolean => action === 'create' || action === 'replace';
const removes = ({ action }: Change): boolean => action === 'delete' || action === 'replace';

/** The tasks that bring what `change` needs into being. */
function afterNeeds({ changes }: Shared, change: Change): string[] {
  return changes
    .filter((other) => change.needs.includes(other.address))
    .flatMap((other) =>
      makes(other)
        ? [`create ${other.address}`]
        : other.action === 'update'
          ? [`update ${other.address}`]
          : [],
    );
}

/** The tasks after which nothing of ours holds on to what `change` removes. */
function afterHolders({ changes }: Shared, change: Change): string[] {
  return changes
    .filter((other) => other.held.includes(change.address))
    .flatMap((other) => {
      if (removes(other)) return [`delete ${other.address}`];
      // Who is to refer to the successor lets go only after that exists.
      const lets = other.action === 'update' && !other.needs.includes(change.address);
      return lets ? [`update ${other.address}`] : [];
    });
}

function task(aws: Aws, change: Change, verb: string, after: string[], run: Task['run']): Task {
  const id = `${verb} ${change.address}`;
  const told: Task['run'] = async (context) => {
    try {
      return await run(context);
    } catch (error) {
      throw await diagnose(aws, error, `${verb} ${change.address}`);
    }
  };
  return { id, title: id, group: change.kind, after: [...new Set(after)], run: told };
}

function creation(shared: Shared, change: Change): Task {
  const { kinds, aws, ids, idOf } = shared;
  const kind = kindOf(kinds, change.kind);
  const batch = batchOf(shared, change);
  const own = change.action === 'replace' ? [`delete ${change.address}`] : [];
  const after = [...own, ...batch.flatMap((member) => afterNeeds(shared, member))];
  const replacedToo = batch
    .filter(({ action }) => action === 'replace')
    .map(({ address }) => `delete ${address}`);
  return task(aws, change, 'create', [...after, ...replacedToo], async ({ signal }): Promise<Concluded> => {
    if (batch.length === 1) {
      ids.set(change.address, await kind.create(aws, change.name, change.spec, idOf, signal));
    } else {
      const key = `create ${batch.map(({ address }) => address).join()}`;
      const made = (await once(shared, key, () => kind.createAll?.(aws, batch, idOf, signal))) ?? [];
      ids.set(change.address, made[batch.indexOf(change)] ?? '');
    }
    return { outcome: 'changed', message: ids.get(change.address) ?? '' };
  });
}

/** The creations that go through one call together with this one. */
function batchOf({ kinds, changes }: Shared, change: Change): readonly Change[] {
  const kind = kindOf(kinds, change.kind);
  if (kind.batch === undefined || kind.createAll === undefined) return [change];
  const key = kind.batch(change.spec);
  return changes.filter(
    (other) => makes(other) && other.kind === change.kind && kind.batch?.(other.spec) === key,
  );
}

function update(shared: Shared, change: Change): Task {
  const { kinds, aws, idOf } = shared;
  return task(aws, change, 'update', afterNeeds(shared, change), async (): Promise<Outcome> => {
    const changed = change.fields.map(({ path }) => path);
    await kindOf(kinds, change.kind).update(aws, change.id ?? '', change.spec, changed, idOf);
    return 'changed';
  });
}

function removal(shared: Shared, change: Change): Task {
  const { kinds, aws, ids, changes } = shared;
  const kind = kindOf(kinds, change.kind);
  const isJoint = 'deleteAll' in kind;
  const batch = isJoint ? changes.filter((other) => removes(other) && other.kind === change.kind) : [change];
  const after = batch.flatMap((member) => afterHolders(shared, member));
  return task(aws, change, 'delete', after, async ({ signal }): Promise<Outcome> => {
    if (!isJoint) await kind.delete(aws, change.id ?? '', signal);
    else {
      const all = batch.map(({ id }) => id ?? '');
      await once(shared, `delete ${change.kind}`, () => kind.deleteAll?.(aws, all, signal));
    }
    if (change.action === 'delete') ids.delete(change.address);
    return 'changed';
  });
}

/** One call for all tasks that share `key`. */
function once<T>({ joint }: Shared, key: string, call: () => Promise<T> | undefined): Promise<T | undefined> {
  const running = (joint.get(key) as Promise<T | undefined> | undefined) ?? Promise.resolve(call());
  joint.set(key, running);
  return running;
}
