import { CloudopsError } from '../../errors.js';
import { lastLines } from '../output.js';
import { quote, quoteAll } from '../shell.js';
import { runScript, type Step, type StepScript } from '../step.js';

export interface UserOptions {
  readonly name: string;
  /** Compared only when given; a new user gets /nonexistent. The directory isn't made. */
  readonly home?: string;
  /** Compared only when given; a new user gets /usr/sbin/nologin. */
  readonly shell?: string;
}

/** A system user with a group of its own name. */
export function user(options: UserOptions): Step {
  const { name } = options;
  const home = options.home ?? '/nonexistent';
  const shell = options.shell ?? '/usr/sbin/nologin';
  const changes = [
    ...(options.home === undefined ? [] : ['--home', options.home]),
    ...(options.shell === undefined ? [] : ['--shell', options.shell]),
  ];
  const script: StepScript = {
    text: [
      `if getent passwd ${quote(name)} >/dev/null; then`,
      changes.length === 0 ? ':' : `usermod ${quoteAll([...changes, name])}`,
      'else',
      `if getent group ${quote(name)} >/dev/null; then`,
      `useradd --system --no-create-home ${quoteAll(['-g', name, '--home-dir', home, '--shell', shell, name])}`,
      'else',
      `useradd --system --no-create-home --user-group ${quoteAll(['--home-dir', home, '--shell', shell, name])}`,
      // Roles of a host share users and are set up at the same time: another may have been quicker.
      `fi || { sleep 1; getent passwd ${quote(name)} >/dev/null; }`,
      'fi',
    ].join('\n'),
    explain: (host, code, output) =>
      new CloudopsError({
        code: 'USER_NOT_MADE',
        what: `The user ${name} can't be made or changed on ${host.name}.`,
        why: `The host said: ${lastLines(output) || `exit code ${code}`}.`,
        fix: ['correct what it names, then run the same command again'],
      }),
  };
  return {
    id: `user ${name}`,
    look: `getent passwd ${quote(name)} || echo absent`,
    drift: (seen) => driftOfUser(options, seen),
    apply: (host) => runScript(host, script),
    script,
  };
}

function driftOfUser(wanted: UserOptions, seen: string): string | undefined {
  if (seen === 'absent') return 'missing';
  const [, , , , , home = '', shell = ''] = seen.split(':');
  if (wanted.home !== undefined && home !== wanted.home) return `home ${home} instead of ${wanted.home}`;
  if (wanted.shell !== undefined && shell !== wanted.shell)
    return `shell ${shell} instead of ${wanted.shell}`;
  return undefined;
}
