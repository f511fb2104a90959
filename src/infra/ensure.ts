import { CloudopsError } from '../errors.js';
import { codeOf, isAmbiguous, isGone, isNotYet, isThrottle } from './faults.js';
import type { Aws } from './resource.js';
import { pause, poll } from './wait.js';

/** How long, in milliseconds before the pace is applied, each kind of trouble is waited out. */
const patience = { throttle: 120_000, notYet: 60_000, profile: 120_000, ambiguous: 60_000 } as const;

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Codes that mean it is done already. */
  readonly done?: readonly string[];
  /** A thing not found is waited for; false where it means that the work is done. Default true. */
  readonly awaits?: boolean;
  /** Looks, after an answer got lost, whether the work is done; for calls that fail when they are repeated. */
  readonly happened?: () => Promise<boolean>;
}

/**
 * Sends a write that is safe to repeat, through the writer's single attempts: throttles and answers that got lost are
 * tried again, a thing not known yet is waited for. Resolves with undefined when a code of `done` says so.
 */
export async function write<T>(
  aws: Aws,
  send: () => Promise<T>,
  options: WriteOptions = {},
): Promise<T | undefined> {
  const waited = { throttle: 0, notYet: 0, ambiguous: 0 };
  for (let wait = 500; ; wait = Math.min(wait * 1.6, 5_000)) {
    try {
      return await send();
    } catch (error) {
      if (options.done?.includes(codeOf(error) ?? '') === true) return undefined;
      const trouble = troubleOf(error, options.awaits ?? true);
      if (trouble === undefined || waited[trouble] >= limitOf(trouble, error)) throw error;
      const ms = trouble === 'throttle' ? Math.max(wait, 1_000) * (0.75 + Math.random() / 2) : wait;
      waited[trouble] += ms;
      if (trouble === 'ambiguous' && (await options.happened?.()) === true) return undefined;
      await pause(aws, ms, options.signal);
    }
  }
}

/** Sends a deletion; a thing that is gone already is success. */
export async function remove(
  aws: Aws,
  send: () => Promise<unknown>,
  signal?: AbortSignal,
  happened?: WriteOptions['happened'],
): Promise<void> {
  try {
    await write(aws, send, { signal, awaits: false, ...(happened !== undefined && { happened }) });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

export interface EnsureOptions<T> {
  /** For messages: `security group smartcloudops-dev-web`. */
  readonly what: string;
  /** Finds what an earlier attempt made, by our tag and the natural key. */
  find(): Promise<T | undefined>;
  make(): Promise<T | undefined>;
  /** Codes that say that the natural key is taken. */
  readonly duplicate: readonly string[];
  /** True where AWS refuses or recognises a second one (a natural key or a client token). */
  readonly unique: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates exactly one, whatever happens to the answers: after an ambiguous failure or a duplicate code it looks before
 * it tries again, and adopts what is ours. A foreign thing under the same key is an error.
 */
export async function ensure<T = string>(aws: Aws, options: EnsureOptions<T>): Promise<T> {
  const { signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const id = await write(aws, () => guarded(options), { signal });
      if (id === undefined) throw new Error(`AWS returned no id for the ${options.what}`);
      return id;
    } catch (error) {
      const taken = options.duplicate.includes(codeOf(error) ?? '');
      const unclear = error instanceof Unclear;
      if (!taken && !unclear) throw error;
      const limitMs = taken || !options.unique ? 15_000 : 0;
      const found = await poll(aws, () => options.find(), { limitMs, signal });
      if (found !== undefined) return found;
      if (taken) throw foreign(options.what, error);
      if (attempt >= 5) throw (error as Unclear).cause;
      await pause(aws, 500 * attempt, signal);
    }
  }
}

/** An ambiguous failure of a creation; `write` must not repeat it. */
class Unclear extends Error {}

async function guarded<T>(options: EnsureOptions<T>): Promise<T | undefined> {
  try {
    return await options.make();
  } catch (error) {
    if (isAmbiguous(error)) throw new Unclear('the answer got lost', { cause: error });
    throw error;
  }
}

type Trouble = 'throttle' | 'notYet' | 'ambiguous';

function troubleOf(error: unknown, awaits: boolean): Trouble | undefined {
  if (isThrottle(error)) return 'throttle';
  if (awaits && isNotYet(error)) return 'notYet';
  return isAmbiguous(error) ? 'ambiguous' : undefined;
}

function limitOf(trouble: Trouble, error: unknown): number {
  if (trouble === 'notYet' && codeOf(error) === 'InvalidParameterValue') return patience.profile;
  if (trouble === 'ambiguous' && codeOf(error) === undefined) return 10_000;
  return patience[trouble];
}

function foreign(what: string, cause: unknown): CloudopsError {
  return new CloudopsError({
    code: 'NAME_TAKEN',
    what: `The ${what} exists already and isn't part of this stack.`,
    why: `It doesn't carry the stack's tag; AWS said ${codeOf(cause) ?? 'that the name is taken'}.`,
    fix: ["Choose another '--project' or '--environment', or remove what has this name."],
    cause,
  });
}
