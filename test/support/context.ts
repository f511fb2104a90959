import type { Listener } from '../../src/engine/task.js';
import type { Context } from '../../src/operations/context.js';
import type { Emulator } from './aws-at.js';
import { configOf } from './stack.js';

/** What a test says of its context. */
export interface ContextChoice {
  readonly stateDir: string;
  /** The config, over the defaults. */
  readonly values?: object;
  readonly stack?: string;
  readonly on?: Listener;
  readonly signal?: AbortSignal;
}

/** A context on an emulator, without hosts. */
export function contextAt(
  emulator: Emulator,
  { stateDir, values, stack, on, signal }: ContextChoice,
): Context {
  const name = stack ?? 'smartcloudops-dev';
  const config = configOf({ access: { allowCidrs: ['203.0.113.7/32'] }, ...values });
  return {
    config,
    stack: name,
    region: 'us-east-1',
    aws: () => Promise.resolve({ ...emulator.aws(name), tags: config.tags }),
    connect: () => Promise.reject(new Error('no hosts here')),
    on: on ?? (() => undefined),
    signal: signal ?? new AbortController().signal,
    sandbox: false,
    stateDir,
  };
}
