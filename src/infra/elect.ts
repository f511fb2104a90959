import { remove } from './ensure.js';
import { codeOf } from './faults.js';
import type { Aws } from './resource.js';
import { tagKeys, type Tags } from './tags.js';
import { pause } from './wait.js';

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
  /** Which of these somebody builds on already: whoever made them has decided and won't look again. */
  used(ids: readonly string[]): Promise<readonly string[]>;
  discard(id: string): Promise<unknown>;
  readonly signal: AbortSignal;
}

/** How long another run may take to build on what it has just made, or to give it up; in ms. */
const patience = 15_000;

/**
 * Settles which of several equal things stays: one that is built on already, else the oldest. A run deletes its own
 * losers, and goes on only when no rival is left or a rival's run must have died; such leftovers the next plan
 * removes. A run that saw no rival at all builds at once, which is what the others then see.
 */
export async function elect(aws: Aws, made: string, election: Election): Promise<string> {
  const gone = new Set<string>();
  for (let waited = 0; ; waited += 500) {
    const candidates = [...(await election.candidates())].filter(({ id }) => !gone.has(id)).sort(bySeniority);
    const [oldest, ...others] = candidates;
    // Not listed yet: AWS shows a new thing late. Then there is nothing to choose from.
    if (oldest === undefined) return made;
    if (others.length === 0) return oldest.id;
    const used = await election.used(candidates.map(({ id }) => id));
    const winner = candidates.find(({ id }) => used.includes(id)) ?? oldest;
    const rest = candidates.filter(({ id }) => id !== winner.id);
    const mine = rest.filter(({ tags }) => tags[tagKeys.operation] === aws.operation);
    await Promise.all(mine.map(({ id }) => giveUp(aws, id, election)));
    for (const { id } of mine) gone.add(id);
    if (rest.length === mine.length || waited >= patience) return winner.id;
    await pause(aws, 500, election.signal);
  }
}

/** Deletes what lost. Where a run has begun to build on it all the same, the next plan settles that. */
async function giveUp(aws: Aws, id: string, election: Election): Promise<void> {
  try {
    await remove(aws, () => election.discard(id), election.signal);
  } catch (error) {
    if (codeOf(error) !== 'DependencyViolation') throw error;
  }
}
