import type { Host } from '../hosts/host.js';
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
  readonly directTimeoutMs?: number;
}

/**
 * Asked straight from the operator's machine, as a browser would; when the port can't be reached from here, from the
 * host itself, and the answer says so.
 */
export function service({ name, address, port, host, directTimeoutMs = 4000 }: ServiceFacts): Service {
  let closed: NoAnswer | undefined;
  const straight = async (path: string, signal: AbortSignal): Promise<Answer | NoAnswer> => {
    if (address === undefined) return new NoAnswer('no-route', 'it has no address that this machine reaches');
    if (closed !== undefined) return closed;
    try {
      return await fetchStraight(`http://${address}:${port}${path}`, signal, directTimeoutMs);
    } catch (error) {
      signal.throwIfAborted();
      return new NoAnswer(silenceOf(wordsOf(error)), wordsOf(error));
    }
  };
  const where = `${address ?? 'localhost'}:${port}`;
  return {
    name,
    where,
    async get(path, signal) {
      const first = await straight(path, signal);
      if (!(first instanceof NoAnswer)) return first;
      const logged = await host();
      const [second] = await askFromHost(logged, [{ url: `http://127.0.0.1:${port}${path}` }], signal);
      if (second === undefined || second instanceof NoAnswer) {
        const { silence, message } = second ?? first;
        throw new NoAnswer(silence, message, { where, service: name });
      }
      closed = first;
      const why = first.silence === 'timeout' ? 'times out' : 'is not reachable';
      return { ...second, via: `asked ${second.via}: port ${port} ${why} from this machine` };
    },
  };
}

async function fetchStraight(url: string, signal: AbortSignal, timeoutMs: number): Promise<Answer> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(url, { redirect: 'manual', signal: bounded });
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
