import type { Aws } from '../resource.js';
import { type Entry, type Lease, leaseMs } from './lease.js';
import { forget, overwrite, readEntries } from './parameters.js';

/** Whose abandoned lease a lock replaces, and why it counts as abandoned. */
export interface Takeover {
  readonly from: Entry;
  readonly because: 'expired' | 'dead';
}

/** A lock that this run holds. It renews itself until it is given back. */
export interface Lock {
  readonly number: number;
  readonly tookOver: Takeover | undefined;
  /** True when another run may have changed the stack since the glance: what was read then is to be read again. */
  readonly moved: boolean;
  release(): Promise<void>;
  /** Gives it back and leaves no trace of it. */
  remove(): Promise<void>;
}

export interface Holding {
  /** All that is kept, our own last. */
  readonly entries: readonly Entry[];
  readonly lease: Lease;
  readonly moved: boolean;
  readonly tookOver: Takeover | undefined;
  /** Told when somebody else has taken the lock over; it isn't renewed any more. */
  lost(by: Entry): void;
}

/** How many old leases are kept, for whoever wants to know who was at work. */
const kept = 5;

/** The lock on top of a lease that was claimed. */
export function holdLock(aws: Aws, holding: Holding): Lock {
  const { entries, lease, moved, tookOver } = holding;
  const numbers = entries.map(({ number }) => number);
  const own = numbers.at(-1) ?? 1;
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(
    () => {
      renewing = renew();
    },
    (leaseMs / 3) * aws.pace,
  );
  // It must not keep a process alive whose work is done.
  timer.unref();
  const renew = async (): Promise<void> => {
    try {
      const newest = (await readEntries(aws)).at(-1);
      if (newest !== undefined && newest.number > own) {
        clearInterval(timer);
        holding.lost(newest);
        return;
      }
      await overwrite(aws, own, { ...lease, expires: new Date(aws.now() + leaseMs).toISOString() });
    } catch {
      // The lease runs on; the next renewal may succeed.
    }
  };
  // A renewal under way would write the lease back.
  const end = async (): Promise<void> => {
    clearInterval(timer);
    await renewing;
  };
  return {
    number: own,
    tookOver,
    moved,
    async release() {
      await end();
      const old = numbers.filter((number) => number <= own - kept);
      await Promise.all([
        overwrite(aws, own, { ...lease, state: 'released', released: new Date().toISOString() }),
        ...(old.length > 0 ? [forget(aws, old)] : []),
      ]);
    },
    async remove() {
      await end();
      await forget(aws, numbers);
    },
  };
}
