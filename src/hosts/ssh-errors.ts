import { CloudopsError, exitCodes } from '../errors.js';
import { fingerprint, type HostKey, type KnownHosts } from './known-hosts.js';
import { lastLines } from './output.js';

/** Which host an error is about. */
export interface SshTarget {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
}

/** How far an attempt to log in came, and whether another can help. */
export type SshTrouble = 'port' | 'refused' | 'banner' | 'login' | 'booting' | 'fatal';

/** What an attempt that failed tells; `stage` is the last thing that worked. */
export function troubleOf(
  error: Error & { readonly code?: unknown; readonly level?: unknown },
  stage: 'none' | 'connected' | 'handshake',
  banner: string,
): SshTrouble {
  if (error instanceof CloudopsError) return 'fatal';
  if (/booting up|going down|nologin/i.test(banner)) return 'booting';
  if (error.level === 'client-authentication') return 'login';
  if (stage === 'handshake') return 'login';
  if (stage === 'connected') return 'banner';
  return error.code === 'ECONNREFUSED' ? 'refused' : 'port';
}

/** One line on what is being waited for. */
export const waitingFor: Readonly<Record<Exclude<SshTrouble, 'fatal'>, string>> = {
  port: 'waiting for the SSH port: no answer yet',
  refused: 'waiting for sshd: the port is refused',
  banner: 'waiting for sshd: the port is open, but it does not speak yet',
  login: 'waiting for the login: permission denied (the key may not be in place yet)',
  booting: 'waiting for the host: it is booting, or going down',
};

export function noAddress(name: string): CloudopsError {
  return new CloudopsError({
    code: 'SSH_NO_ADDRESS',
    what: `${name} has no address to log in to.`,
    why: 'A stopped instance, or one without a public address, has none.',
    fix: [`see 'cloudops infra status'; 'cloudops infra up' starts what should run`],
  });
}

/** The last word after the time for waiting ran out. */
export function notReached(
  target: SshTarget,
  trouble: SshTrouble,
  seen: Error,
  tried: readonly string[],
): CloudopsError {
  const at = `${target.name} (${target.address}, port ${target.port})`;
  const why = `Last seen: ${seen.message}.`;
  if (trouble === 'login' || trouble === 'booting')
    return new CloudopsError({
      code: trouble === 'login' ? 'SSH_LOGIN_REFUSED' : 'SSH_HOST_BOOTING',
      what: trouble === 'login' ? `${at} refuses the login of ${target.user}.` : `${at} lets nobody in yet.`,
      why: `${why} Tried: ${tried.length === 0 ? 'no key at all' : tried.join(', ')}.`,
      fix:
        trouble === 'login'
          ? [
              `give the right user and key: '--ssh-user NAME --ssh-key FILE', or load the key in the agent: 'ssh-add FILE'`,
            ]
          : ['wait until the host has booted, then run the same command again'],
      cause: seen,
    });
  const fixes: Readonly<Record<string, string>> = {
    port: `see whether the instance runs, and whether its security group lets your address in on port ${target.port} ('cloudops infra status', 'cloudops infra plan')`,
    refused:
      'the host answers, but sshd is not running there or listens on another port: see its console output',
    banner:
      'something listens on that port, but it is not sshd, or sshd is stuck: see the console output of the instance',
  };
  return new CloudopsError({
    code: 'SSH_UNREACHABLE',
    what: `${at} can't be reached over SSH.`,
    why,
    fix: [fixes[trouble] ?? 'see whether the address is right'],
    cause: seen,
  });
}

export function hostKeyChanged(
  target: SshTarget,
  alias: string,
  known: readonly HostKey[],
  shown: HostKey,
  file: string,
): CloudopsError {
  return new CloudopsError({
    code: 'SSH_HOST_KEY_CHANGED',
    what: `${target.name} (${target.address}) shows another host key than the one it is known by; nothing was sent to it.`,
    why: `Known: ${known.map((key) => `${key.type} ${fingerprint(key)}`).join(', ')}. Shown: ${shown.type} ${fingerprint(shown)}.`,
    fix: [
      'somebody may be answering in its place: compare the fingerprint on the console of the host',
      `when you know that the host was set up anew, remove the old key: 'ssh-keygen -f ${file} -R ${alias}'`,
    ],
  });
}

export function hostKeyUnknown(target: SshTarget, shown: HostKey, known: KnownHosts): CloudopsError {
  return new CloudopsError({
    code: 'SSH_HOST_KEY_UNKNOWN',
    what: `The host key of ${target.name} (${target.address}) is not known; nothing was sent to it.`,
    why: `It shows ${shown.type} ${fingerprint(shown)}, and neither ${known.path} nor AWS knows a key for it.`,
    fix: [
      `compare the fingerprint with the host's own ('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' there), then give '--accept-new-host-key'`,
    ],
  });
}

export function connectionLost(target: SshTarget, reason: string | undefined): CloudopsError {
  return new CloudopsError({
    code: 'SSH_CONNECTION_LOST',
    what: `The connection to ${target.name} (${target.address}) broke off in the middle of a command.`,
    why: `${reason ?? 'The other side closed it'}. What the command had done by then isn't known; the next run looks.`,
    fix: ['run the same command again'],
  });
}

/** The login worked, but the script never started. */
export function notStarted(target: SshTarget, code: number, output: string): CloudopsError {
  const seen = lastLines(output) || `exit code ${code}`;
  if (/sudo/.test(output))
    return new CloudopsError({
      code: 'SSH_SUDO_REFUSED',
      what: `${target.user} can't become root on ${target.name} (${target.address}).`,
      why: `sudo said: ${seen}.`,
      fix: [`let that user use sudo without a password, or log in as one that may: '--ssh-user NAME'`],
    });
  return new CloudopsError({
    code: 'SSH_NO_SHELL',
    what: `The login of ${target.user} on ${target.name} (${target.address}) works, but runs no commands.`,
    why: `It said: ${seen}.`,
    fix: [`log in as the image's own user: '--ssh-user NAME'`],
  });
}

export function tookTooLong(target: SshTarget, timeoutMs: number): CloudopsError {
  return new CloudopsError({
    code: 'HOST_COMMAND_TIMEOUT',
    what: `A command on ${target.name} (${target.address}) took longer than ${Math.round(timeoutMs / 1000)} s and was ended.`,
    fix: ['see what keeps the host busy, then run the same command again'],
  });
}

export function tooMuchOutput(target: SshTarget): CloudopsError {
  return new CloudopsError({
    code: 'HOST_OUTPUT_TOO_LARGE',
    what: `A command on ${target.name} (${target.address}) printed more than 64 MB and was ended.`,
  });
}

export function interrupted(target: SshTarget): CloudopsError {
  return new CloudopsError({
    code: 'INTERRUPTED',
    what: `Interrupted while a command ran on ${target.name}; it was ended there.`,
    fix: ['run the same command again to go on'],
    exit: exitCodes.interrupted,
  });
}
