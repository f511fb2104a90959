import type { Aws } from './resource.js';

/** Waits `ms`, scaled by the pace of `aws`; rejects with the abort reason when `signal` is aborted first. */
export function pause(aws: Pick<Aws, 'pace'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('interrupted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms * aws.pace);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** What a poll needs to know. Times in milliseconds before the pace is applied. */
export interface PollOptions {
  readonly limitMs: number;
  readonly firstMs?: number;
  readonly mostMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks until there is an answer, soon at first and then every `mostMs` (3 s); undefined when `limitMs` is over. */
export async function poll<T>(
  aws: Pick<Aws, 'pace'>,
  ask: () => Promise<T | undefined>,
  options: PollOptions,
): Promise<T | undefined> {
  let wait = options.firstMs ?? 1_000;
  for (let waited = 0; ; waited += wait, wait = Math.min(wait * 1.5, options.mostMs ?? 3_000)) {
    const answer = await ask();
    if (answer !== undefined || waited >= options.limitMs) return answer;
    await pause(aws, wait, options.signal);
  }
}
