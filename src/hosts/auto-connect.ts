import { setTimeout as sleep } from 'node:timers/promises';
import { CloudopsError } from '../errors.js';
import type { Connect, Host, HostRecord } from './host.js';

export interface AutoOptions {
  readonly ssh: Connect;
  readonly ssm: Connect;
  /** Whether Systems Manager reaches it now; never rejects. */
  readonly online: (record: HostRecord, signal: AbortSignal) => Promise<boolean>;
  /** Told of each host that is reached by the second way, and why. */
  readonly note: (message: string) => void;
  /** Milliseconds that SSH has before SSM is asked, and between two questions. */
  readonly patienceMs: number;
}

/** What SSH can fail with where another way in is right. A host key that is wrong or unknown isn't among them. */
const noLogin = new Set(['SSH_UNREACHABLE', 'SSH_LOGIN_REFUSED', 'SSH_NO_ADDRESS', 'SSH_HOST_BOOTING']);

/** SSH first; where that login can't be had and the host is online in Systems Manager, SSM, with a note. */
export function autoConnect(options: AutoOptions): Connect {
  return async (record, signal, limits) => {
    if (record.instanceId === undefined) return options.ssh(record, signal, limits);
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const bySsh = options.ssh(record, either, limits);
    const outcome = await Promise.race([
      bySsh.then(
        (host) => ({ host }),
        (error: unknown) => ({ error }),
      ),
      onlineAfterAll(options, record, either),
    ]);
    stop.abort();
    if ('host' in outcome) return outcome.host;
    if ('error' in outcome) {
      const { error } = outcome;
      if (signal.aborted || !(error instanceof CloudopsError) || !noLogin.has(error.code)) throw error;
      if (!(await options.online(record, signal))) throw error;
      return instead(options, record, signal, error.what);
    }
    const late = await bySsh.catch(() => undefined);
    return late ?? instead(options, record, signal, 'SSH has not let us in yet.');
  };
}

/** Resolves once SSH has had its time and Systems Manager reaches the host; never when the signal is aborted. */
async function onlineAfterAll(
  { online, patienceMs }: AutoOptions,
  record: HostRecord,
  signal: AbortSignal,
): Promise<{ readonly online: true }> {
  do await sleep(patienceMs, undefined, { signal }).catch(() => new Promise<never>(() => undefined));
  while (!(await online(record, signal)));
  return { online: true };
}

function instead(
  { ssm, note }: AutoOptions,
  record: HostRecord,
  signal: AbortSignal,
  why: string,
): Promise<Host> {
  note(`${record.name}: reached over SSM instead of SSH. ${why}`);
  return ssm(record, signal);
}
