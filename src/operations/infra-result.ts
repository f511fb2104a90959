import type { Report } from '../engine/task.js';
import type { Plan } from '../infra/plan.js';
import type { Address } from '../infra/resource.js';
import type { Context } from './context.js';
import { planDocument, type PlanDocument } from './plan-document.js';
import { outcomes, type ResourceOutcome } from './run-outcome.js';
import { type Outputs, outputsAfter, outputsFrom } from './stack-outputs.js';

/** The document of `infra up --json` and `infra down --json`. */
export interface InfraResult extends PlanDocument {
  readonly outputs: Outputs | null;
  /** What became of each resource; absent where nothing was run. */
  readonly resources?: readonly ResourceOutcome[];
  /** Requests sent to AWS, retries included. */
  readonly apiCalls: number;
  readonly durationMs: number;
}

export interface ResultInput {
  readonly plan: Plan;
  readonly ids: ReadonlyMap<Address, string>;
  /** When the command began, as `Date.now()` gave it. */
  readonly began: number;
  /** What was run. */
  readonly report?: Report;
  /** False for a stack that is gone or wasn't made. */
  readonly outputs?: boolean;
}

/** What a run came to. Asks AWS for addresses only when hosts were changed. */
export async function infraResult(context: Context, input: ResultInput): Promise<InfraResult> {
  const outputs = input.outputs === true ? await outputsOf(context, input) : null;
  const aws = await context.aws();
  const { plan, ids, report } = input;
  return {
    ...planDocument(plan, ids),
    outputs,
    ...(report !== undefined && { resources: outcomes({ plan, ids, report }) }),
    apiCalls: aws.apiCalls(),
    durationMs: Date.now() - input.began,
  };
}

function outputsOf(context: Context, { plan, ids }: ResultInput): Promise<Outputs> | Outputs {
  const hosts = plan.changes.filter(({ kind }) => kind === 'instance');
  if (hosts.some(({ action }) => action !== 'keep')) {
    // A host that was stopped for a change comes back with another address.
    const isSettled = hosts.every(({ action }) => action === 'keep' || action === 'create');
    const settled = isSettled ? hosts.flatMap(({ address }) => ids.get(address) ?? []) : [];
    return outputsAfter(context, ids, settled);
  }
  return outputsFrom(
    context,
    ids,
    hosts.map(({ name, id = '', shows = {} }) => ({ name, id, shows })),
  );
}
