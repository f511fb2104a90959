import type { Secret } from '../config/secret.js';
import type { Host } from '../hosts/host.js';
import type { HostLogin } from '../hosts/http.js';
import { type Answer, NoAnswer, silenceOf } from './answer.js';
import { askFromHost } from './from-host.js';

/** Rejects with `Needs` when the host can't be logged in to. */
export type LoggedIn = () => Promise<Host>;

/** Something that a probe of its own reports doesn't work: what needs it is skipped, not failed. */
export class Needs extends Error {
  constructor(what: string) {
    super(`needs ${what}`);
    this.name = 'Needs';
  }
}

/** An HTTP service on a host; `get` rejects with `NoAnswer` or `Needs`. */
export interface Service {
  /** For messages, e.g. `Prometheus`. */
  readonly name: string;
  /** `ADDRESS:PORT`, for messages. */
  readonly where: string;
  get(path: string, signal: AbortSignal): Promise<Answer>;
}

export interface ServiceFacts {
  readonly name: string;
  /** Where the operator's machine reaches it; undefined: only through the host. */
  readonly address: string | undefined;
  readonly port: number;
  readonly host: LoggedIn;
  /** Sent with each question. */
  readonly login?: ServiceLogin | undefined;
  readonly directTimeoutMs?: number;
}

/** A login that the host has in a file, and this machine perhaps too. */
export interface ServiceLogin {
  readonly onHost: HostLogin;
  /** What this machine holds, which may be older than what is asked for. */
  readonly held: Secret | undefined;
}

/**
 * Asked straight from the operator's machine, as a browser would; when the port can't be reached from here, from the
 * host itself, and the answer says so.
 */
export function service(facts: ServiceFacts): Service {
  const { name, address, port, host, login, directTimeoutMs = 4000 } = facts;
  let closed: Closed | undefined;
  const straight = async (path: string, signal: AbortSignal): Promise<Answer | Closed> => {
    if (address === undefined)
      return unreached(new NoAnswer('no-route', 'it has no address that this machine reaches'), port);
    if (closed !== undefined) return closed;
    if (login !== undefined && login.held === undefined)
      return locked('this machine holds no password for it');
    try {
      const url = `http://${address}:${port}${path}`;
      const answer = await fetchStraight(url, signal, directTimeoutMs, basic(login));
      const outdated = login !== undefined && answer.status === 401;
      return outdated ? locked('it does not take the password on this machine') : answer;
    } catch (error) {
      signal.throwIfAborted();
      return unreached(new NoAnswer(silenceOf(wordsOf(error)), wordsOf(error)), port);
    }
  };
  const where = `${address ?? 'localhost'}:${port}`;
  return {
    name,
    where,
    async get(path, signal) {
      const first = await straight(path, signal);
      if (!('error' in first)) return first;
      const logged = await host();
      const wanted = { url: `http://127.0.0.1:${port}${path}`, login: login?.onHost };
      const [second] = await askFromHost(logged, [wanted], signal);
      if (second === undefined || second instanceof NoAnswer) {
        const { silence, message } = second ?? first.error;
        throw new NoAnswer(silence, message, { where, service: name });
      }
      closed = first;
      return { ...second, via: `asked ${second.via}: ${first.why}` };
    },
  };
}

/** This machine gets nothing from it. */
interface Closed {
  readonly error: NoAnswer;
  readonly why: string;
}

function unreached(error: NoAnswer, port: number): Closed {
  const why = error.silence === 'timeout' ? 'times out' : 'is not reachable';
  return { error, why: `port ${port} ${why} from this machine` };
}

function locked(why: string): Closed {
  return { error: new NoAnswer('broken', why), why };
}

function basic(login: ServiceLogin | undefined): Record<string, string> {
  if (login?.held === undefined) return {};
  const pair = `${login.onHost.name}:${login.held.reveal()}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function fetchStraight(
  url: string,
  signal: AbortSignal,
  timeoutMs: number,
  headers: Record<string, string>,
): Promise<Answer> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(url, { headers, redirect: 'manual', signal: bounded });
  const body = await response.text();
  return { status: response.status, contentType: response.headers.get('content-type') ?? '', body, via: '' };
}

/** `fetch` hides why it failed in `cause`, and there in a list when it tried several addresses. */
function wordsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { cause, errors, message, code } = error as Record<string, unknown>;
  if (cause !== undefined) return wordsOf(cause);
  if (Array.isArray(errors) && errors.length > 0) return wordsOf(errors[0]);
  return [code, message].filter((word) => typeof word === 'string' && word !== '').join(': ');
}
