import type { Result } from '../engine/task.js';
import type { Action, Change } from '../infra/plan.js';
import type { Applied } from './apply-plan.js';

/** What became of a resource in a run. */
export type Outcome = 'created' | 'changed' | 'replaced' | 'deleted' | 'kept' | 'failed' | 'not started';

/** One row of the final table. */
export interface ResourceOutcome {
  readonly kind: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** What exists under that address now, or did until it was deleted. */
  readonly id?: string;
  /** Why it failed or wasn't started. */
  readonly because?: string;
}

const done: Readonly<Record<Action, Outcome>> = {
  create: 'created',
  update: 'changed',
  replace: 'replaced',
  delete: 'deleted',
  keep: 'kept',
};

/** Pure: what became of every resource of a plan, in the plan's order. */
export function outcomes({ plan, report, ids }: Applied): ResourceOutcome[] {
  const results = new Map(report.results.map((result) => [result.id, result]));
  return plan.changes.map((change) => {
    const { kind, name } = change;
    const { outcome, because } = outcomeOf(change, resultsOf(change, results));
    // A replacement half way: the old one is gone, and there is no new one.
    const isGone = change.action === 'replace' && !ids.has(change.address) && wasDeleted(change, results);
    const id = ids.get(change.address) ?? (isGone ? undefined : change.id);
    return {
      kind,
      name,
      outcome: isGone && outcome === 'not started' ? 'deleted' : outcome,
      ...(id !== undefined && { id }),
      ...(because !== undefined && { because }),
    };
  });
}

function resultsOf({ action, address }: Change, results: ReadonlyMap<string, Result>): Result[] {
  const verbs = action === 'replace' ? ['delete', 'create'] : [action];
  return verbs.flatMap((verb) => results.get(`${verb} ${address}`) ?? []);
}

function wasDeleted({ address }: Change, results: ReadonlyMap<string, Result>): boolean {
  return results.get(`delete ${address}`)?.status === 'done';
}

function outcomeOf({ action }: Change, results: readonly Result[]): { outcome: Outcome; because?: string } {
  for (const result of results) {
    if (result.status === 'failed') return { outcome: 'failed', because: result.error.message };
    if (result.status === 'skipped') return { outcome: 'not started', because: result.because };
  }
  const isMissing = results.length === 0 && action !== 'keep';
  return { outcome: isMissing ? 'not started' : done[action] };
}
