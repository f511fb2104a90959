import { remove } from './ensure.js';
import type { Aws } from './resource.js';
import { tagKeys, type Tags } from './tags.js';

export interface Candidate {
  readonly id: string;
  readonly tags: Tags;
}

/** Oldest first, then by id: every run that sees the same candidates elects the same one. */
export function bySeniority(one: Candidate, other: Candidate): number {
  const [a, b] = [one.tags[tagKeys.created] ?? '', other.tags[tagKeys.created] ?? ''];
  if (a !== b) return a < b ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

export interface Election {
  readonly what: string;
  candidates(): Promise<readonly Candidate[]>;
  discard(id: string): Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Settles which of several equal things stays: the oldest. Deletes the losers that this run made; others belong to a
 * run that elects for itself, or to one that died, whose leftovers the next plan removes.
 */
export async function elect(aws: Aws, made: string, election: Election): Promise<string> {
  const candidates = [...(await election.candidates())].sort(bySeniority);
  const winner = candidates[0];
  // Not listed yet: AWS shows a new thing late. Then there is nothing to choose from.
  if (winner === undefined) return made;
  const losers = candidates.filter(
    ({ id, tags }) => id !== winner.id && tags[tagKeys.operation] === aws.operation,
  );
  await Promise.all(losers.map(({ id }) => remove(aws, () => election.discard(id), election.signal)));
  return winner.id;
}
