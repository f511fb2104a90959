import { CloudopsError } from '../errors.js';
import { lastLines } from './output.js';
import type { SshTarget } from './ssh-errors.js';
import type { Invocation } from './ssm-command.js';

const at = ({ name, address }: SshTarget): string => `${name} (${address})`;
const again = 'run the same command again';

export function noInstance(name: string): CloudopsError {
  return new CloudopsError({
    code: 'SSM_NO_INSTANCE',
    what: `${name} can't be reached over SSM: AWS knows no instance of this stack there.`,
    why: 'Systems Manager finds machines by their instance id, which is not known for this address.',
    fix: [
      "reach it over SSH ('--via ssh'), or leave the addresses out to work on the hosts of the stack",
      'when it is an instance of the stack: see whether region and credentials are the right ones',
    ],
  });
}

/** Why an instance doesn't answer to Systems Manager, as far as AWS can tell. */
export interface Diagnosis {
  readonly why: string;
  readonly fix: readonly string[];
  /** Waiting can't change it. */
  readonly final: boolean;
}

export function offline(target: SshTarget, seen: string, { why, fix }: Diagnosis): CloudopsError {
  return new CloudopsError({
    code: 'SSM_OFFLINE',
    what: `${at(target)} is not online in Systems Manager (${seen}).`,
    why,
    fix,
  });
}

export function notAccepted(target: SshTarget, attempts: number, cause: unknown): CloudopsError {
  return new CloudopsError({
    code: 'SSM_NOT_ACCEPTED',
    what: `Systems Manager doesn't take a command for ${at(target)}; tried ${attempts} times.`,
    why: cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined,
    fix: [`wait a minute (other tools may be using the API), then ${again}`],
    cause,
  });
}

export function unanswered(target: SshTarget, commandId: string, seen: unknown): CloudopsError {
  return new CloudopsError({
    code: 'SSM_NO_RESULT',
    what: `A command on ${at(target)} has no result after all the time it had.`,
    why: `Command ${commandId}, last seen: ${seen instanceof Error ? seen.message : String(seen)}.`,
    fix: [`see whether the instance is up ('cloudops infra status'), then ${again}`],
    cause: seen,
  });
}

export function commandEnded(target: SshTarget, { status, stdout, stderr }: Invocation): CloudopsError {
  const words = lastLines(`${stdout}\n${stderr}`);
  return new CloudopsError({
    code: 'SSM_COMMAND_ENDED',
    what: `Systems Manager ended a command on ${at(target)}: ${status}.`,
    why: words === '' ? 'It was not delivered, or its agent was stopped.' : `It said: ${words}.`,
    fix: [`see whether the host was restarted or its agent stopped, then ${again}`],
  });
}

export function noOpenssl(target: SshTarget): CloudopsError {
  return new CloudopsError({
    code: 'SSM_NO_OPENSSL',
    what: `${at(target)} has no openssl, and without it nothing can be sent that the command history must not show.`,
    fix: [
      "install it in the image or by user data ('dnf install -y openssl', 'apt-get install -y openssl')",
      "or reach the host over SSH: '--via ssh'",
    ],
  });
}

export function noSession(target: SshTarget, { stdout, stderr, code }: Invocation): CloudopsError {
  return new CloudopsError({
    code: 'SSM_NO_SESSION',
    what: `${at(target)} runs commands, but a key for this session can't be made on it.`,
    why: `It said: ${lastLines(`${stdout}\n${stderr}`) || `exit code ${code}`}.`,
    fix: [`see whether /run is full or read-only on the host, then ${again}`],
  });
}

export function sessionLost(target: SshTarget): CloudopsError {
  return new CloudopsError({
    code: 'SSM_SESSION_LOST',
    what: `${at(target)} has forgotten this session: it was restarted in the middle.`,
    why: 'The key of the session is kept in memory there, and is gone. What the command before had done by then is not known; the next run looks.',
    fix: [again],
  });
}

export function notRead(target: SshTarget, words: string): CloudopsError {
  return new CloudopsError({
    code: 'SSM_INPUT_LOST',
    what: `${at(target)} could not read what was sent to it; nothing was run.`,
    why: `It said: ${lastLines(words) || 'nothing'}.`,
    fix: [`see whether /run is full on the host ('df -h /run'), then ${again}`],
  });
}

export function damaged(target: SshTarget, cause: unknown): CloudopsError {
  return new CloudopsError({
    code: 'SSM_RESULT_DAMAGED',
    what: `The result of a command on ${at(target)} came back damaged; what the command did is not known.`,
    why: cause instanceof Error ? `${cause.message}.` : undefined,
    fix: [`see whether /run is full on the host ('df -h /run'), then ${again}: it looks first`],
    cause,
  });
}

/** `what` is too large, or something is. */
export function tooMuchInput(name: string, bytes: number, what?: string): CloudopsError {
  return new CloudopsError({
    code: 'SSM_INPUT_TOO_LARGE',
    what: `${Math.round(bytes / 1e6)} MB ${what === undefined ? '' : `or more (${what}) `}are too much to send to ${name} over SSM; nothing was touched.`,
    why: 'A command carries less than 40 KB, and AWS takes only a few of them a second.',
    fix: [
      "reach the host over SSH for this ('--via ssh'), or let it fetch from a mirror: 'artifacts.mirror'",
    ],
  });
}
