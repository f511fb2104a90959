/** Who holds a stack's lock; the value of one SSM parameter. Times are ISO, for people: AWS's clock decides. */
export interface Lease {
  readonly state: 'held' | 'released';
  /** ARN of the AWS identity, or `unknown`. */
  readonly owner: string;
  readonly user: string;
  readonly host: string;
  /** Tells machines of one name apart, and containers on one machine. */
  readonly machine: string;
  readonly pid: number;
  /** When the process started, in the units of its machine: a pid is given out again. Empty where it isn't known. */
  readonly started: string;
  /** What the operator runs, e.g. `infra up`. */
  readonly command: string;
  /** Unique per run. */
  readonly operation: string;
  readonly acquired: string;
  readonly expires: string;
  /** When it was given back, by the clock of its machine. */
  readonly released?: string;
}

/** A lease as it is kept: under a number that grows with each holder. */
export interface Entry {
  readonly number: number;
  readonly lease: Lease;
  /** When it was last written, by AWS's clock; ms since 1970. */
  readonly modified: number;
}

/** How long a lease is good for without being renewed, in ms. */
export const leaseMs = 600_000;

/** `free`: never taken or given back. `expired`, `dead`: its holder is gone. `held`: somebody is at work. */
export type Standing = 'free' | 'expired' | 'dead' | 'held';

/**
 * Pure: how things stand with the newest entry. Expiry goes by AWS's clock only: those of two operators may differ.
 * `isDead` says whether the holder is a process of this user on this machine that has ended.
 */
export function standing(
  newest: Entry | undefined,
  now: number,
  isDead: (lease: Lease) => boolean,
): Standing {
  if (newest === undefined || newest.lease.state === 'released') return 'free';
  if (now - newest.modified > leaseMs) return 'expired';
  return isDead(newest.lease) ? 'dead' : 'held';
}

/** The lease in a parameter's value. One that can't be read is held by nobody known, until it expires. */
export function parseLease(value: string | undefined): Lease {
  try {
    const read = JSON.parse(value ?? '') as Partial<Lease> | null;
    if (typeof read === 'object' && read !== null) return { ...unreadable, ...read };
  } catch {
    // told below, like JSON that is no lease
  }
  return unreadable;
}

const unreadable: Lease = {
  state: 'held',
  owner: 'unknown',
  user: 'unknown',
  host: 'unknown',
  machine: '',
  pid: 0,
  started: '',
  command: 'unknown',
  operation: '',
  acquired: '',
  expires: '',
};

/** In the operator's words: `alice on laptop (arn:...), 'infra up', process 4711, since 12:00:00Z`. */
export function holderText({ user, host, owner, command, pid, acquired }: Lease): string {
  const since = acquired === '' ? '' : `, since ${acquired.slice(0, 19)}Z`;
  return `${user} on ${host} (${owner}), 'cloudops ${command}', process ${pid}${since}`;
}
