import { exitCodes } from '../errors.js';

/** The signals of a run: what the operator pressed or the system sent. */
export interface Interrupts {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

const stops = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm and shells hand on a signal that the terminal has sent already: within this time it is the same one. */
const sameMs = 200;

/** First signal: `signal` aborts and `say` gets one line. Second: the process ends at once with 130. */
export function watchInterrupts(say: (line: string) => void): Interrupts {
  const controller = new AbortController();
  let first = 0;
  const stop = (): void => {
    if (controller.signal.aborted && Date.now() - first < sameMs) return;
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    first = Date.now();
    controller.abort();
    say('Interrupted: finishing the calls in flight. Interrupt again to stop at once.');
  };
  for (const name of stops) process.on(name, stop);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of stops) process.off(name, stop);
    },
  };
}
