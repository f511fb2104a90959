import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from './probe.js';

/** How long a probe waits for what the first scrapes bring, and how often it looks. Milliseconds. */
export interface Patience {
  readonly forMs: number;
  readonly everyMs: number;
}

/** What was seen, and whether waiting could change it. */
export interface Look {
  readonly finding: Finding;
  readonly settled: boolean;
}

/** Looks again until the finding is settled or patience runs out; the last finding counts. */
export async function eventually(
  look: () => Promise<Look>,
  { forMs, everyMs }: Patience,
  signal: AbortSignal,
): Promise<Finding> {
  const until = Date.now() + forMs;
  for (;;) {
    const { finding, settled } = await look();
    if (settled || finding.status === 'pass' || Date.now() + everyMs > until) return finding;
    await sleep(everyMs, undefined, { signal });
  }
}
