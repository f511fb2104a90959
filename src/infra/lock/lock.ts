import type { Aws } from '../resource.js';
import { pause } from '../wait.js';
import { holdLock, type Lock, type Takeover } from './held-lock.js';
import { type Entry, type Lease, leaseMs, standing } from './lease.js';
import { claim, readEntries } from './parameters.js';
import { isDeadHere, type ProcessIdentity, thisProcess } from './process-identity.js';

/*
 * A lock among operators, as leases in SSM parameters with growing numbers: the newest number says who holds it, and who
 * creates the next number first takes it. It is politeness: two runs at once make one stack without it too (ensure.ts).
 *
 * SSM has no compare-and-swap, and deletes unconditionally. So a lease is never taken over by writing into it, only by
 * creating the next number, and nobody deletes a number above their own. AWS asks for 30 s between the deletion of a
 * parameter and the creation of one with the same name; while the stack exists names are therefore not used again.
 * `down` leaves nothing behind: it deletes all, and the next `up` starts from 1 again. (A start taken from the clock
 * would keep names fresh, but two operators would then start from different numbers and both get in.) Should AWS still
 * hold on to a name deleted a moment ago, it is passed over; should the new lease get lost, its renewal writes it anew.
 */

/** What was seen of the lock before anything was decided. */
export interface Glance {
  /** The newest last. */
  readonly entries: readonly Entry[];
  /** When the look began: by AWS's clock and by this machine's, ms since 1970. */
  readonly at: number;
  readonly began: number;
}

/** Reads who holds the lock: one call. */
export async function glance(aws: Aws): Promise<Glance> {
  const began = Date.now();
  const entries = await readEntries(aws);
  return { entries, at: aws.now() - (Date.now() - began), began };
}

/** Who holds the lock against us, if anybody does. */
export function holderIn({ entries }: Glance, now: number): Entry | undefined {
  const newest = entries.at(-1);
  return standing(newest, now, isDeadHere) === 'held' ? newest : undefined;
}

export interface LockRequest {
  /** What the operator runs, e.g. `infra up`. */
  readonly command: string;
  /** ARN of the AWS identity, where it is known. */
  readonly owner: string;
  readonly glance: Glance;
  /** How long to wait for a holder, in ms. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Told once when it has to wait. */
  waiting(held: Entry): void;
  /** Told during the work when somebody else has taken the lock over. */
  lost(by: Entry): void;
  /** Another process than this one; for tests. */
  readonly self?: ProcessIdentity;
}

/** Somebody else holds it, and the time to wait is over. */
export class LockHeld extends Error {
  constructor(readonly held: Entry) {
    super(`lock ${held.number} is held by ${held.lease.user} on ${held.lease.host}`);
  }
}

/** AWS tells the time in whole seconds: a run that gave the lock back this long before the look may still have been at work. */
const blurMs = 2_000;
/** How many numbers that aren't listed may be taken all the same, before something is wrong with the service. */
const patience = 20;

/** Takes the lock, or throws `LockHeld`. Any other error means that there is no lock to be had. */
export async function acquire(aws: Aws, request: LockRequest): Promise<Lock> {
  const self = request.self ?? thisProcess();
  const limit = Date.now() + request.waitMs;
  let { entries } = request.glance;
  let told = false;
  for (let looks = 0, misses = 0; ; looks += 1) {
    const newest = entries.at(-1);
    const lease = newLease(aws, request, self);
    const held = { lease, lost: (by: Entry) => request.lost(by), moved: looks > 0 };
    if (newest?.lease.operation === aws.operation)
      return holdLock(aws, { ...held, entries, tookOver: undefined });
    const state = standing(newest, aws.now(), (one) => isDeadHere(one, self));
    if (state === 'held' && newest !== undefined) {
      await wait(aws, request, { newest, limit, first: !told });
      told = true;
    } else {
      const number = (newest?.number ?? 0) + 1 + misses;
      if (await claim(aws, number, lease)) {
        const tookOver: Takeover | undefined =
          newest === undefined || state === 'free' || state === 'held'
            ? undefined
            : { from: newest, because: state };
        const late = newest !== undefined && endedAfter(newest, request.glance, self);
        const mine = { number, lease, modified: aws.now() };
        const moved = held.moved || late || tookOver !== undefined;
        return holdLock(aws, { ...held, entries: [...entries, mine], moved, tookOver });
      }
      misses += 1;
      if (misses > patience) throw new Error('SSM neither lists the lock nor gives it');
    }
    entries = await readEntries(aws);
    if (entries.at(-1)?.number !== newest?.number) misses = 0;
  }
}

/** Whether a run may have changed things after the look began. On one machine its clock tells exactly. */
function endedAfter({ lease, modified }: Entry, { at, began }: Glance, self: ProcessIdentity): boolean {
  if (lease.machine === self.machine && lease.released !== undefined)
    return Date.parse(lease.released) >= began;
  return modified > at - blurMs;
}

async function wait(
  aws: Aws,
  request: LockRequest,
  { newest, limit, first }: { newest: Entry; limit: number; first: boolean },
): Promise<void> {
  if (Date.now() >= limit) throw new LockHeld(newest);
  if (first) request.waiting(newest);
  await pause(aws, Math.min(2_000, (limit - Date.now()) / aws.pace), request.signal);
}

function newLease(
  aws: Aws,
  { command, owner }: Pick<LockRequest, 'command' | 'owner'>,
  self: ProcessIdentity,
): Lease {
  const at = (ms: number): string => new Date(aws.now() + ms).toISOString();
  const { operation } = aws;
  return { state: 'held', owner, ...self, command, operation, acquired: at(0), expires: at(leaseMs) };
}

/** Takes the lock away from whoever holds it: the next number is created as given back already. */
export async function breakLock(aws: Aws, command: string, owner: string): Promise<void> {
  const lease = newLease(aws, { command, owner }, thisProcess());
  for (let misses = 0; misses <= patience; misses += 1) {
    const newest = (await readEntries(aws)).at(-1);
    if (newest === undefined || newest.lease.state === 'released') return;
    if (await claim(aws, newest.number + 1 + misses, { ...lease, state: 'released' })) return;
  }
}
