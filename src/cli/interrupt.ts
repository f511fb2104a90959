import { exitCodes } from '../errors.js';

/** The signals of a run: what the operator pressed or the system sent. */
export interface Interrupts {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

const stops = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** First signal: `signal` aborts and `say` gets one line. Second: the process ends at once with 130. */
export function watchInterrupts(say: (line: string) => void): Interrupts {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
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
