import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandEnded, notAccepted, unanswered } from './ssm-errors.js';
import { interrupted, tookTooLong, type SshTarget } from './ssh-errors.js';

/** The part of Systems Manager that running a command needs; `ssm.ts` has it over the SDK, tests have their own. */
export interface RunCommand {
  /** Sends once, never again by itself; the id of the command. */
  send(order: Order): Promise<string>;
  /** Undefined while Systems Manager doesn't know the command yet. */
  invocation(commandId: string, instanceId: string): Promise<Invocation | undefined>;
  /** The command with this comment, if one was accepted since. */
  find(instanceId: string, comment: string, since: Date): Promise<string | undefined>;
  cancel(commandId: string, instanceId: string): Promise<void>;
  /** What an error says about the call: refused for its rate, maybe carried out, or certainly refused. */
  verdict(error: unknown): 'throttled' | 'unclear' | 'refused';
}

export interface Order {
  readonly instanceId: string;
  /** The script; whoever may read the command history reads it. */
  readonly text: string;
  /** Tells this command from all others; at most 100 characters. */
  readonly comment: string;
  /** Seconds that the script may run. */
  readonly seconds: number;
}

export interface Invocation {
  readonly status: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How waiting goes. Milliseconds. */
export interface Pace {
  /** Until the first question for a result; then slower and slower up to `mostMs`. */
  readonly firstMs: number;
  readonly mostMs: number;
}

export interface RunOptions {
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly pace: Pace;
}

/** How long a result may be unanswered for beyond the time the script has: delivery takes its time. */
const graceMs = 150_000;

/**
 * Runs a script by Run Command and waits for its end; standard output is cut at 24,000 characters. A send whose fate
 * is unknown is looked up by its comment before it is sent again. Ends the script when the signal is aborted.
 */
export async function runCommand(
  api: RunCommand,
  target: SshTarget,
  text: string,
  options: RunOptions,
): Promise<Invocation> {
  const comment = `cloudops ${randomUUID()}`;
  const order: Order = { instanceId: target.address, text, comment, seconds: options.seconds };
  const commandId = await sendSafely(api, target, order, options);
  return awaitEnd(api, target, commandId, options);
}

async function sendSafely(
  api: RunCommand,
  target: SshTarget,
  order: Order,
  { pace, signal }: RunOptions,
): Promise<string> {
  const since = new Date(Date.now() - 300_000);
  for (let attempt = 1; ; attempt += 1) {
    if (signal?.aborted === true) throw interrupted(target);
    try {
      return await api.send(order);
    } catch (error) {
      const verdict = api.verdict(error);
      if (verdict === 'refused') throw error;
      if (attempt === 5) throw notAccepted(target, attempt, error);
      for (let look = 0; verdict === 'unclear' && look < 4; look += 1) {
        const found = await api.find(order.instanceId, order.comment, since).catch(() => undefined);
        if (found !== undefined) return found;
        await pause(pace.firstMs, signal);
      }
      await pause(pace.mostMs * attempt * (0.5 + Math.random()), signal);
    }
  }
}

async function awaitEnd(
  api: RunCommand,
  target: SshTarget,
  commandId: string,
  { seconds, pace, signal }: RunOptions,
): Promise<Invocation> {
  const end = Date.now() + seconds * 1000 + graceMs;
  let seen: unknown;
  for (let wait = pace.firstMs; ; wait = Math.min(wait * 1.5, pace.mostMs)) {
    await pause(wait, signal);
    if (signal?.aborted === true) {
      await api.cancel(commandId, target.address).catch(() => undefined);
      throw interrupted(target);
    }
    try {
      const invocation = await api.invocation(commandId, target.address);
      if (invocation !== undefined && !running.has(invocation.status))
        return judge(target, invocation, seconds);
      seen = invocation?.status ?? 'the command is not known yet';
    } catch (error) {
      if (api.verdict(error) === 'refused') throw error;
      seen = error;
    }
    if (Date.now() > end) throw unanswered(target, commandId, seen);
  }
}

const running = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** A script's own failure is an answer; what Systems Manager did to it isn't. */
function judge(target: SshTarget, invocation: Invocation, seconds: number): Invocation {
  if (invocation.status === 'Success' || (invocation.status === 'Failed' && invocation.code >= 0))
    return invocation;
  if (invocation.status === 'TimedOut' && invocation.code >= 0) throw tookTooLong(target, seconds * 1000);
  throw commandEnded(target, invocation);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
