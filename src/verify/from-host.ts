import { randomBytes } from 'node:crypto';
import type { Host } from '../hosts/host.js';
import { loginLine, type HostLogin } from '../hosts/http.js';
import { quote, removedAtEnd } from '../hosts/shell.js';
import { type Answer, NoAnswer, type Silence } from './answer.js';

export interface Wanted {
  readonly url: string;
  /** A basic regular expression: only lines that match come back. Metrics are long, and SSM returns little. */
  readonly lines?: string;
  /** Sent with it, out of the host's own file. */
  readonly login?: HostLogin | undefined;
}

export type Heard = Answer | NoAnswer;

/** Asks several addresses at once from a host, in one round trip; answers in the order asked. Rejects when the host does. */
export async function askFromHost(
  host: Host,
  wanted: readonly Wanted[],
  signal?: AbortSignal,
): Promise<readonly Heard[]> {
  if (wanted.length === 0) return [];
  const mark = `answer-${randomBytes(8).toString('hex')}`;
  const { stdout, stderr } = await host.exec(script(mark, wanted), { signal, timeoutMs: 60_000 });
  const parts = stdout.split(`${mark} `).slice(1);
  if (parts.length !== wanted.length) {
    throw new NoAnswer('broken', `${host.name} broke off: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  }
  return parts.map((part) => heard(part, host.name));
}

function script(mark: string, wanted: readonly Wanted[]): string {
  const options = "-sS -g --noproxy '*' -m 8 --connect-timeout 4 --max-filesize 20000000";
  return [
    'T=$(mktemp -d) || exit 1',
    removedAtEnd('T'),
    'ask() {',
    `  curl --config - ${options} -o "$T/$1.body" -w '%{http_code} %{content_type}' "$2" >"$T/$1.head" 2>"$T/$1.error"`,
    '  echo $? >"$T/$1.code"',
    '}',
    ...wanted.map(({ url, login }, index) => {
      const input = login === undefined ? ':' : loginLine(login);
      return `${input} | ask ${index} ${quote(url)} &`;
    }),
    'wait',
    ...wanted.map(({ lines }, index) => show(mark, index, lines)),
  ].join('\n');
}

/** One line `MARK exit-code status content-type`, then the body, or what curl complained of. */
function show(mark: string, index: number, lines: string | undefined): string {
  const file = (kind: string): string => `"$T/${index}.${kind}"`;
  const body =
    lines === undefined ? `head -c 1000000 ${file('body')}` : `grep -e ${quote(lines)} ${file('body')}`;
  return [
    `printf '%s %s %s\\n' ${mark} "$(cat ${file('code')})" "$(cat ${file('head')})"`,
    `if [ "$(cat ${file('code')})" = 0 ]; then [ ! -f ${file('body')} ] || ${body}; else cat ${file('error')}; fi`,
  ].join('\n');
}

function heard(part: string, host: string): Heard {
  const cut = part.indexOf('\n');
  const [code = '', status = '', ...type] = part.slice(0, cut).split(' ');
  const body = part.slice(cut + 1);
  if (code === '0') return { status: Number(status), contentType: type.join(' '), body, via: `from ${host}` };
  return new NoAnswer(curlSilence(Number(code), body), body.trim() || `curl ended with ${code}`);
}

/** curl's exit codes; 7 stands for every kind of failed connection. */
function curlSilence(code: number, text: string): Silence {
  if (code === 28) return 'timeout';
  if (code === 6) return 'unknown-name';
  if (code !== 7) return 'broken';
  return /no route|unreachable/i.test(text) ? 'no-route' : 'refused';
}
