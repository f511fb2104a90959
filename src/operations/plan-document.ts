import type { Action, Change, Plan } from '../infra/plan.js';

type Told = Exclude<Action, 'keep'> | 'none';

export interface ChangeDocument {
  readonly action: Told;
  readonly kind: string;
  readonly name: string;
  readonly id?: string;
  readonly fields: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
}

/** The document of `infra plan --json`. */
export interface PlanDocument {
  readonly stack: string;
  readonly region: string;
  readonly changes: readonly ChangeDocument[];
  readonly summary: Readonly<Record<Told, number>>;
}

/** Pure: a plan as `--json` shows it. `ids` are those of what has been made since. */
export function planDocument(plan: Plan, ids?: ReadonlyMap<string, string>): PlanDocument {
  const summary = { create: 0, update: 0, replace: 0, delete: 0, none: 0 };
  for (const change of plan.changes) summary[told(change)] += 1;
  const { stack, region } = plan;
  return { stack, region, changes: plan.changes.map((change) => document(change, ids)), summary };
}

const told = ({ action }: Change): Told => (action === 'keep' ? 'none' : action);

function document(change: Change, ids: ReadonlyMap<string, string> | undefined): ChangeDocument {
  const id = ids?.get(change.address) ?? change.id;
  return {
    action: told(change),
    kind: change.kind,
    name: change.name,
    ...(id !== undefined && { id }),
    fields: change.fields.map(({ path, from = null, to = null }) => ({ path, from, to })),
  };
}
