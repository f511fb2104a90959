import type { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import type { Host } from './host.js';
import { lastLines } from './output.js';
import { quote, removedAtEnd } from './shell.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As the host sees it, e.g. `http://127.0.0.1:3001/api/health`. */
  readonly url: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** What a service by HTTPS must show; the URL has its name. */
  readonly trust?: Trust | undefined;
  readonly user?: { readonly name: string; readonly password: Secret } | HostLogin | undefined;
  /** Seconds; default 20. */
  readonly timeoutSeconds?: number;
}

/** A certificate in a file of the host, which a service there must show, and a name that it is valid for. */
export interface Trust {
  readonly certificate: string;
  readonly name: string;
}

/** The base URL of a port on the host's loopback: HTTPS where a certificate is to be shown. */
export function onLoopback(port: number, trust?: Trust): string {
  return trust === undefined ? `http://127.0.0.1:${String(port)}` : `https://${trust.name}:${String(port)}`;
}

/** Words for curl on the host: whom to believe, and that the name is this machine. */
export function trustWords({ certificate }: Trust): readonly string[] {
  return ['--cacert', certificate, '--connect-to', '::127.0.0.1:'];
}

/** A login whose password is in a file of the host itself; an absent file is an empty password. */
export interface HostLogin {
  readonly name: string;
  readonly passwordFile: string;
}

/** Shell that prints a login as a line of curl's config; the password is in no argument of a process. */
export function loginLine({ name, passwordFile }: HostLogin): string {
  return `printf 'user = "%s:%s"\\n' ${quote(name)} "$(cat ${quote(passwordFile)} 2>/dev/null)"`;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * A request made by the host itself (curl), so that nothing need be open to the operator. Everything, credentials
 * and body included, goes to curl by its standard input, never in arguments. Rejects when there was no HTTP answer;
 * any status is an answer.
 */
export async function requestFrom(host: Host, request: HttpRequest): Promise<HttpAnswer> {
  const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
  const config = Buffer.from(curlConfig(request));
  const { stdout, stderr, code } = await host.exec(
    body === undefined ? `${input(request)}curl --config -` : withBody(request, body.length),
    { stdin: body === undefined ? config : Buffer.concat([body, config]) },
  );
  if (code !== 0) throw noAnswer(host, request, code, stderr);
  const cut = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(cut + 1)), body: stdout.slice(0, cut) };
}

/** A body can be longer than curl lets a line of its config be: it goes through a private file. */
function withBody(request: HttpRequest, length: number): string {
  return [
    'umask 077; T=$(mktemp -d) || exit 1',
    removedAtEnd('T'),
    `head -c ${length} >"$T/body"`,
    `${input(request)}curl --config - --data-binary "@$T/body"`,
  ].join('\n');
}

/** What the host itself adds to curl's input. */
function input({ user }: HttpRequest): string {
  return user !== undefined && 'passwordFile' in user ? `{ ${loginLine(user)}; cat; } | ` : '';
}

function curlConfig(request: HttpRequest): string {
  const lines = [
    'silent',
    'show-error',
    'globoff',
    'noproxy = "*"',
    `max-time = ${request.timeoutSeconds ?? 20}`,
    `request = ${request.method}`,
    `url = ${word(request.url)}`,
    `write-out = "\\n%{http_code}"`,
  ];
  if (request.trust !== undefined)
    lines.push(`cacert = ${word(request.trust.certificate)}`, 'connect-to = "::127.0.0.1:"');
  if (request.user !== undefined && 'password' in request.user)
    lines.push(`user = ${word(`${request.user.name}:${request.user.password.reveal()}`)}`);
  if (request.body !== undefined) lines.push('header = "Content-Type: application/json"');
  return `${lines.join('\n')}\n`;
}

/** A quoted word of curl's config format. */
function word(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}

const reasons: Readonly<Record<number, string>> = {
  6: 'the name has no address',
  7: 'nothing listens there',
  28: 'no answer in time',
  60: 'it shows another certificate than the one on the host',
  52: 'the connection was closed without an answer',
  127: 'the host has no curl',
};

function noAnswer(host: Host, request: HttpRequest, code: number, stderr: string): CloudopsError {
  return new CloudopsError({
    code: 'HTTP_NO_ANSWER',
    what: `${request.method} ${request.url} on ${host.name} got no answer: ${reasons[code] ?? `curl ended with ${code}`}.`,
    why: stderr.trim() === '' ? undefined : `curl said: ${lastLines(stderr, 2)}.`,
    fix: ['see whether the service runs on the host and listens on that port'],
  });
}
