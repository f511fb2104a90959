import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudopsError } from '../errors.js';
import type { Connect, Host, HostRecord } from './host.js';
import { shared } from './share.js';
import { interrupted, type SshTarget } from './ssh-errors.js';
import { runCommand, type Pace, type RunCommand } from './ssm-command.js';
import { noInstance, offline, type Diagnosis } from './ssm-errors.js';
import { ssmSession } from './ssm-session.js';

/** The reader retries as the SDK does; the writer tries once, so that nothing is run twice unseen. */
export interface SsmClients {
  readonly read: Pick<SSMClient, 'send'>;
  readonly write: Pick<SSMClient, 'send'>;
}

/** What Systems Manager says of an instance's agent; undefined when it never heard of one. */
export type Ping = { readonly status: string; readonly lastSeen: Date | undefined } | undefined;

export interface SsmOptions {
  readonly clients: () => Promise<SsmClients>;
  /** Milliseconds to wait for the agent of an instance that may still be booting. */
  readonly onlineTimeoutMs: number;
  readonly pace: Pace;
  /** What else AWS knows of an instance that isn't online. */
  readonly diagnose: (instanceId: string, ping: Ping, signal: AbortSignal) => Promise<Diagnosis>;
  /** An error of AWS in the operator's words. */
  readonly explain: (error: unknown, doing: string) => Error;
  readonly onProgress?: (record: HostRecord, message: string) => void;
}

/** Reaches hosts by Run Command. Waits, within a limit, for an agent that is not online yet. */
export function ssmConnect(options: SsmOptions): Connect {
  return shared(async (record, signal, limits, onClose) => {
    const { instanceId, name } = record;
    if (instanceId === undefined) throw noInstance(name);
    const target: SshTarget = { name, address: instanceId, port: 0, user: 'root' };
    const clients = await options.clients();
    try {
      const say = limits.report ?? ((message: string) => options.onProgress?.(record, message));
      const limitMs = Math.min(options.onlineTimeoutMs, limits.readyTimeoutMs ?? Infinity);
      await awaitOnline(clients, target, options, { signal, say, limitMs });
      const host = await ssmSession(runCommandApi(clients), target, options.pace, signal);
      return explained(host, options, onClose);
    } catch (error) {
      throw inWords(error, options, name);
    }
  });
}

function explained(host: Host, options: SsmOptions, onClose: () => void): Host {
  const told = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw inWords(error, options, host.name);
    });
  return {
    name: host.name,
    maxInputBytes: host.maxInputBytes,
    exec: (script, given) => told(host.exec(script, given)),
    put: (content, path, given) => told(host.put(content, path, given)),
    close: () => {
      onClose();
      return host.close();
    },
  };
}

function inWords(error: unknown, { explain }: SsmOptions, name: string): Error {
  return error instanceof CloudopsError ? error : explain(error, `run a command on ${name} over SSM`);
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
  readonly limitMs: number;
}

async function awaitOnline(
  clients: SsmClients,
  target: SshTarget,
  { pace, diagnose }: SsmOptions,
  { signal, say, limitMs }: Waiting,
): Promise<void> {
  const began = Date.now();
  let told = false;
  for (let wait = pace.firstMs; ; wait = Math.min(wait * 1.5, pace.mostMs)) {
    const ping = await pingOf(clients, target.address, signal);
    if (ping?.status === 'Online') return;
    const over = Date.now() - began >= limitMs;
    if (!told || over) {
      const diagnosis = await diagnose(target.address, ping, signal);
      if (over || diagnosis.final) throw offline(target, pingText(ping), diagnosis);
      say(`waiting for the SSM agent: ${pingText(ping)}`);
      told = true;
    }
    await sleep(wait, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw interrupted(target);
  }
}

function pingText(ping: Ping): string {
  if (ping === undefined) return 'its agent never reported';
  const since = ping.lastSeen === undefined ? '' : `, last seen ${ping.lastSeen.toISOString()}`;
  return `${ping.status}${since}`;
}

/** What Systems Manager says of an instance's agent. */
export async function pingOf(
  { read }: SsmClients,
  instanceId: string,
  abortSignal: AbortSignal,
): Promise<Ping> {
  const Filters = [{ Key: 'InstanceIds', Values: [instanceId] }];
  const command = new DescribeInstanceInformationCommand({ Filters });
  const { InstanceInformationList } = await read.send(command, { abortSignal });
  const found = InstanceInformationList?.find(({ InstanceId }) => InstanceId === instanceId);
  return found === undefined
    ? undefined
    : { status: found.PingStatus ?? 'Inactive', lastSeen: found.LastPingDateTime };
}

/**
 * The OpenSSH public host keys of an instance, read on it by its agent: vouched for by AWS, and there at any time.
 * Undefined when the agent isn't online.
 */
export async function ssmHostKeys(
  clients: SsmClients,
  instanceId: string,
  pace: Pace,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if ((await pingOf(clients, instanceId, signal))?.status !== 'Online') return undefined;
  const target: SshTarget = { name: instanceId, address: instanceId, port: 0, user: 'root' };
  const script = 'cat /etc/ssh/ssh_host_*_key.pub';
  const { stdout } = await runCommand(runCommandApi(clients), target, script, { seconds: 30, pace, signal });
  const keys = stdout.split('\n').filter((line) => /^(ssh|ecdsa)-\S+ \S+/.test(line));
  return keys.length > 0 ? keys : undefined;
}

function runCommandApi({ read, write }: SsmClients): RunCommand {
  return {
    verdict,
    send: async ({ instanceId, text, comment, seconds }) => {
      const command = new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [instanceId],
        Comment: comment,
        TimeoutSeconds: 60,
        Parameters: { commands: [text], executionTimeout: [String(seconds)] },
      });
      return (await write.send(command)).Command?.CommandId ?? '';
    },
    invocation: async (CommandId, InstanceId) => {
      try {
        const answer = await read.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
        return {
          status: answer.Status ?? '',
          code: answer.ResponseCode ?? -1,
          stdout: answer.StandardOutputContent ?? '',
          stderr: answer.StandardErrorContent ?? '',
        };
      } catch (error) {
        if (error instanceof Error && error.name === 'InvocationDoesNotExist') return undefined;
        throw error;
      }
    },
    find: async (InstanceId, comment, since) => {
      const Filters = [{ key: 'InvokedAfter' as const, value: since.toISOString().replace(/\.\d+/, '') }];
      const { Commands } = await read.send(new ListCommandsCommand({ InstanceId, Filters, MaxResults: 50 }));
      return Commands?.find(({ Comment }) => Comment === comment)?.CommandId;
    },
    cancel: async (CommandId, instanceId) => {
      await write.send(new CancelCommandCommand({ CommandId, InstanceIds: [instanceId] }));
    },
  };
}

/** Refused for the rate of calls, perhaps carried out (no answer, or a 5xx), or certainly refused. */
function verdict(error: unknown): 'throttled' | 'unclear' | 'refused' {
  if (!(error instanceof Error)) return 'refused';
  const { $metadata, code = '' } = error as { $metadata?: { httpStatusCode?: number }; code?: string };
  const status = $metadata?.httpStatusCode;
  if (status === 429 || /Throttl|TooManyRequests|LimitExceeded|SlowDown/.test(error.name)) return 'throttled';
  if (status !== undefined) return status >= 500 ? 'unclear' : 'refused';
  const lost = error.name === 'TimeoutError' || /^(E[A-Z_]+|UND_ERR_.*)$/.test(code);
  return lost || /socket hang up|aborted|Deserialization|premature/i.test(error.message)
    ? 'unclear'
    : 'refused';
}
