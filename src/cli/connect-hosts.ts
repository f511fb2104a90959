import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import type { Listener } from '../engine/task.js';
import { CloudopsError, exitCodes } from '../errors.js';
import type { Connect, HostRecord } from '../hosts/host.js';
import { type KnownHosts, knownHostsFile } from '../hosts/known-hosts.js';
import { sshConnect } from '../hosts/ssh.js';
import { ownPrivateKey } from '../infra/key-file.js';
import type { Aws } from '../infra/resource.js';

/** What reaching the hosts of a stack depends on. */
export interface ConnectFacts {
  readonly config: Config;
  readonly stateDir: string;
  readonly aws: () => Promise<Aws>;
  readonly on: Listener;
  readonly acceptNewHostKey: boolean;
}

/** An instance may still be booting; a host given by address is there or not. */
const instanceReadyMs = 180_000;
const addressReadyMs = 15_000;

/** How hosts of this stack are reached: over SSH, with host keys from the instance's console or known_hosts. */
export function connectHosts(facts: ConnectFacts): Connect {
  const { config, stateDir, on } = facts;
  if (config.ssh.via === 'ssm') throw ssmMissing();
  const own = join(stateDir, 'id_ed25519');
  const given = ownPrivateKey(config.ssh);
  const settings = {
    user: config.ssh.user,
    port: config.ssh.port,
    privateKeys: given === undefined ? [own] : [untilde(given), own],
    agent: process.env['SSH_AUTH_SOCK'] || undefined,
    sshConfig: readText(join(homedir(), '.ssh', 'config')),
    knownHosts: knownHostsOf(facts),
    hostKeys: (record: HostRecord, signal: AbortSignal) => consoleKeys(facts, record, signal),
    acceptNewHostKey: facts.acceptNewHostKey,
    onProgress: ({ name }: HostRecord, message: string) =>
      on({ type: 'note', level: 'info', message: `${name}: ${message}` }),
  };
  const toInstance = sshConnect({ ...settings, readyTimeoutMs: instanceReadyMs });
  const toAddress = sshConnect({ ...settings, readyTimeoutMs: addressReadyMs });
  return (record, signal, limits) =>
    (record.instanceId === undefined ? toAddress : toInstance)(record, signal, limits);
}

async function consoleKeys(
  { aws }: ConnectFacts,
  { instanceId }: HostRecord,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (instanceId === undefined) return [];
  const { consoleHostKeys } = await import('../infra/console-host-keys.js');
  return consoleHostKeys(await aws(), instanceId, signal);
}

/** What is learned is kept with the stack; the operator's own files are only read. */
function knownHostsOf({ config, stateDir }: ConnectFacts): KnownHosts {
  const own = knownHostsFile(join(stateDir, 'known_hosts'));
  const given = config.ssh.knownHosts === undefined ? [] : [untilde(config.ssh.knownHosts)];
  const others = [...given, join(homedir(), '.ssh', 'known_hosts')].map(knownHostsFile);
  return {
    path: own.path,
    find: (name) => {
      const found = [own, ...others].map((file) => file.find(name));
      return {
        keys: found.flatMap(({ keys }) => keys),
        revoked: found.flatMap(({ revoked }) => revoked),
      };
    },
    add: (name, keys) => own.add(name, keys),
  };
}

function untilde(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ssmMissing(): CloudopsError {
  return new CloudopsError({
    code: 'SSM_NOT_SUPPORTED',
    what: 'This version reaches hosts over SSH only.',
    why: "ssh.via (or '--via') says ssm.",
    fix: ["Give '--via ssh', or remove the key."],
    exit: exitCodes.usage,
  });
}
