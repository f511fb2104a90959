/** What a probe saw. A failure says what was expected and what to do; a skip says why it couldn't be tried. */
export type Finding =
  | { readonly status: 'pass'; readonly message: string }
  | { readonly status: 'fail'; readonly message: string; readonly expected?: string; readonly hint: string }
  | { readonly status: 'skip'; readonly message: string; readonly hint?: string };

/** One question about the running stack. */
export interface Probe {
  /** Stable, e.g. `prometheus.targets`. */
  readonly id: string;
  /** The host or resource it is about. */
  readonly target: string;
  readonly title: string;
  run(signal: AbortSignal): Promise<Finding>;
}

/** What came of a probe, as `verify --json` gives it. */
export interface Check {
  readonly id: string;
  readonly target: string;
  readonly status: Finding['status'];
  /** What was seen and, after a failure, what was expected. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  readonly durationMs: number;
}
