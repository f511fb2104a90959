import { quote } from './shell.js';

/**
 * How a script gets to a remote shell: `command` is fixed text, and `input` is what the shell must be fed: the
 * script, then the script's own input. So neither ever stands in a process list. Root is taken by `sudo -n` where the
 * login isn't root. Before the script's output both streams carry a line `MARK PID`: what came before it is noise of
 * the login, and without it the script never ran.
 */
export function bootstrap(
  script: string,
  stdin: string | Uint8Array,
  mark: string,
): { readonly command: string; readonly input: Buffer } {
  const text = Buffer.from(script);
  const inner = [
    `printf "\\n%s %s\\n" ${mark} $$`,
    `printf "\\n%s %s\\n" ${mark} $$ >&2`,
    'export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"',
    `eval "$(head -c ${text.length})"`,
  ].join('; ');
  const outer = `cd /; S="sudo -n"; [ "$(id -u)" = 0 ] && S=; exec $S sh -c ${quote(inner)}`;
  const input = typeof stdin === 'string' ? Buffer.from(stdin) : stdin;
  return { command: `exec sh -c ${quote(outer)}`, input: Buffer.concat([text, input]) };
}

/**
 * Ends a script that `bootstrap` started, with all its children: politely, and two seconds later for good. In the
 * one form of `kill` for a group that dash and bash both take.
 */
export function killScript(pid: number): string {
  return [
    `set -- $(cat /proc/${pid}/stat 2>/dev/null); G=$5`,
    '[ -n "$G" ] || exit 0',
    'kill -s TERM -- "-$G" 2>/dev/null',
    'for i in 1 2 3 4 5 6 7 8 9 10; do kill -s 0 -- "-$G" 2>/dev/null || exit 0; sleep 0.2; done',
    'kill -s KILL -- "-$G" 2>/dev/null',
  ].join('\n');
}
