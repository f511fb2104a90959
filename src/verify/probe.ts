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
