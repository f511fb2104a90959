import { homedir } from 'node:os';
import sshConfig from 'ssh-config';

/** What the operator's ssh config says about reaching one host. */
export interface SshSettings {
  readonly address: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
  /** Paths, `~` expanded. */
  readonly identityFiles: readonly string[];
  /** Hosts to go through, the nearest first. */
  readonly jumps: readonly SshJump[];
}

export interface SshJump {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/** Reads the settings for a host out of a config's text; an empty text sets nothing. */
export function sshSettings(text: string, host: string, home: string = homedir()): SshSettings {
  const found = sshConfig.parse(text).compute(host, { ignoreCase: true });
  const first = (key: string): string | undefined => {
    const value = found[key];
    return Array.isArray(value) ? value[0] : value;
  };
  const identities = found['identityfile'] ?? [];
  const jump = first('proxyjump');
  return {
    address: first('hostname')?.replaceAll('%h', host) ?? host,
    user: first('user'),
    port: portOf(first('port')),
    identityFiles: (Array.isArray(identities) ? identities : [identities]).map((path) =>
      expand(path, home, host),
    ),
    jumps:
      jump === undefined || jump.toLowerCase() === 'none' ? [] : jump.split(',').map((one) => parseJump(one)),
  };
}

/** `[user@]host[:port]`, or an ssh:// address. */
export function parseJump(text: string): SshJump {
  const [, user, host = '', port] =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(text.trim()) ?? [];
  return { host: host.replaceAll(/[[\]]/g, ''), user, port: portOf(port) };
}

function portOf(text: string | undefined): number | undefined {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function expand(path: string, home: string, host: string): string {
  return path
    .replace(/^~(?=\/|$)/, home)
    .replaceAll('%d', home)
    .replaceAll('%h', host);
}
