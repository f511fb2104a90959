/** What one check before a change came to. */
export interface PreflightFinding {
  /** Stable: `vpc-quota`. */
  readonly id: string;
  /** `failed`: the change would not get through. `skipped`: it couldn't be found out; `saw` says why. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was seen, a sentence. */
  readonly saw: string;
  /** What to do about it, one line each. */
  readonly fix?: readonly string[];
  /** The error code of a failure that is one of AWS's; default `PREFLIGHT_FAILED`. */
  readonly code?: string;
}

/** A check that couldn't be made. */
export const skipped = (id: string, saw: string): PreflightFinding => ({ id, status: 'skipped', saw });
