import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HostRecord } from '../hosts/host.js';
import { type KnownHosts, knownHostsFile } from '../hosts/known-hosts.js';
import type { SshOptions } from '../hosts/ssh.js';
import { ownPrivateKey } from '../infra/key-file.js';
import type { ConnectFacts } from './connect-hosts.js';

/** How a stack's hosts are logged in to: its key, the agent, the operator's ssh config, what is known of host keys. */
export function sshOptions(
  { config, stateDir, acceptNewHostKey }: ConnectFacts,
  more: Pick<SshOptions, 'hostKeys' | 'onProgress'>,
): Omit<SshOptions, 'readyTimeoutMs'> {
  const own = join(stateDir, 'id_ed25519');
  const given = ownPrivateKey(config.ssh);
  return {
    ...more,
    user: config.ssh.user,
    port: config.ssh.port,
    privateKeys: given === undefined ? [own] : [untilde(given), own],
    agent: process.env['SSH_AUTH_SOCK'] || undefined,
    sshConfig: readText(join(homedir(), '.ssh', 'config')),
    knownHosts: knownHostsOf(config.ssh.knownHosts, stateDir),
    acceptNewHostKey,
  };
}

/** An instance may still be booting; a host given by address is there or not. Milliseconds. */
export function readyTimeoutMs({ instanceId }: Partial<HostRecord>): number {
  return instanceId === undefined ? 15_000 : 180_000;
}

/** What is learned is kept with the stack; the operator's own files are only read. */
function knownHostsOf(extra: string | undefined, stateDir: string): KnownHosts {
  const own = knownHostsFile(join(stateDir, 'known_hosts'));
  const given = extra === undefined ? [] : [untilde(extra)];
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
