import type { Outcome } from '../engine/task.js';
import type { Host } from './host.js';

/** One thing that must be true on a host. */
export interface Step {
  /** Unique within a role, e.g. `file /etc/prometheus/prometheus.yml`. */
  readonly id: string;
  /** Read-only shell that prints little: hashes and states, never contents. Runs as root, must not exit the shell. */
  readonly look: string;
  /** Pure: why what was seen differs from what is wanted, or undefined when it is right. */
  drift(seen: string): string | undefined;
  /** Makes it true; idempotent. Throws a `CloudopsError` when it can't. */
  apply(host: Host, report: (message: string) => void): Promise<void>;
}

/** A step that isn't true on a host, and why. */
export interface Drift {
  readonly step: string;
  readonly detail: string;
}

export interface Converged {
  readonly outcome: Outcome;
  readonly changed: readonly Drift[];
  readonly unchanged: number;
}
