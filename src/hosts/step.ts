import type { Outcome } from '../engine/task.js';
import type { CloudopsError } from '../errors.js';
import type { Host } from './host.js';
import type { FileContent } from './stage.js';

/** A change that is one quick script. */
export interface StepScript {
  /** Runs as root under `sh`; must read exactly `stdin` and nothing after it. */
  readonly text: string;
  readonly stdin?: Uint8Array;
  /** What a non-zero exit means; `output` is stdout and stderr together. */
  explain(host: Host, code: number, output: string): CloudopsError;
}

/** One thing that must be true on a host. */
export interface Step {
  /** Unique within a role, e.g. `file /etc/prometheus/prometheus.yml`. */
  readonly id: string;
  /**
   * Read-only shell that prints little: hashes and states, never contents. Runs as root in a subshell without input.
   * Its exit code doesn't matter below 126; from there on (command not found, killed) it is an error, never drift.
   */
  readonly look: string;
  /** Pure: why what was seen differs from what is wanted, or undefined when it is right. */
  drift(seen: string): string | undefined;
  /** Makes it true; idempotent. Throws a `CloudopsError` when it can't. */
  apply(host: Host, report: (message: string) => void): Promise<void>;
  /** When `apply` is one quick script: neighbours that have one are applied in one round trip, together with the looks after them. */
  readonly script?: StepScript;
  /** Bytes that `apply` sends to the host beside its script, after compression at the very least. */
  readonly sends?: number | undefined;
  /** The files it would write, for showing a difference; a secret one's content is never shown. */
  readonly files?: readonly (FileContent & { readonly secret?: boolean })[];
}

/** The `apply` of a step that is one script. */
export async function runScript(host: Host, script: StepScript): Promise<void> {
  const result = await host.exec(script.text, { stdin: script.stdin });
  if (result.code !== 0) throw script.explain(host, result.code, `${result.stdout}${result.stderr}`);
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
