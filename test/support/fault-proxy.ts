import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callOf, mutates, type WireAnswer, type WireCall } from './aws-wire.js';

/** One call on its way to the endpoint. */
export interface ProxiedCall extends WireCall {
  /** Position among all calls since the plan was set, from 0. */
  readonly nth: number;
  /** Position among the calls that change something, from 0; undefined for a read. */
  readonly write: number | undefined;
}

/** What goes wrong with a call. */
export type WireFault =
  /** The endpoint carries it out; the connection breaks before the answer. */
  | { readonly kind: 'lose' }
  /** The connection breaks before the endpoint hears of it. */
  | { readonly kind: 'lose-request' }
  /** This is answered; `executed` says whether the endpoint carries the call out all the same. */
  | { readonly kind: 'answer'; readonly answer: WireAnswer; readonly executed: boolean }
  /** The endpoint carries it out, then `run` is called, before or after the client has the answer. */
  | { readonly kind: 'then'; readonly when: 'before-answer' | 'after-answer'; readonly run: () => void }
  | { readonly kind: 'delay'; readonly ms: number };

export type FaultPlan = (call: ProxiedCall) => WireFault | undefined;

export interface FaultProxy {
  readonly endpoint: string;
  /** Sets what goes wrong from now on and starts counting anew. */
  plan(plan?: FaultPlan): void;
  /** The calls since the plan was set, in the order they arrived. */
  calls(): readonly ProxiedCall[];
  /** How often each action was called since the plan was set. */
  counts(): Readonly<Record<string, number>>;
  /** Resolves when the endpoint has answered every call that was passed on. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Added to every call. */
  readonly latencyMs?: number;
}

/** A proxy before an endpoint that speaks AWS's protocols: it counts the calls, slows them and makes them go wrong. */
export async function startFaultProxy(target: string, options: ProxyOptions = {}): Promise<FaultProxy> {
  const proxy = new Proxy(target, options.latencyMs ?? 0);
  const server = createServer((message, response) => void proxy.serve(message, response));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan: (plan) => proxy.restart(plan),
    calls: () => proxy.calls,
    counts: () => tally(proxy.calls.map(({ action }) => action)),
    idle: () => proxy.idle(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        proxy.agent.destroy();
      }),
  };
}

/** How often each word occurs. */
export function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

class Proxy {
  calls: ProxiedCall[] = [];
  readonly agent = new Agent({ keepAlive: true });
  readonly #target: URL;
  readonly #latencyMs: number;
  readonly #open = new Set<Promise<unknown>>();
  #plan: FaultPlan = () => undefined;

  constructor(target: string, latencyMs: number) {
    this.#target = new URL(target);
    this.#latencyMs = latencyMs;
  }

  restart(plan: FaultPlan = () => undefined): void {
    this.calls = [];
    this.#plan = plan;
  }

  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled([...this.#open]);
  }

  async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await textOf(message);
      const fault = this.#faultOf(callOf(message, body));
      if (this.#latencyMs > 0) await pause(this.#latencyMs);
      await this.#act(fault, { message, response, body });
    } catch {
      // A client that was killed, or an endpoint that is closing: either way the connection is all that is left.
      message.socket.destroy();
    }
  }

  #faultOf(call: WireCall | undefined): WireFault | undefined {
    if (call === undefined) return undefined;
    const writes = this.calls.filter(({ write }) => write !== undefined).length;
    const proxied = { ...call, nth: this.calls.length, write: mutates(call) ? writes : undefined };
    this.calls.push(proxied);
    return this.#plan(proxied);
  }

  async #act(fault: WireFault | undefined, exchange: Exchange): Promise<void> {
    const { message, response } = exchange;
    if (fault?.kind === 'lose-request') {
      message.socket.destroy();
      return;
    }
    if (fault?.kind === 'delay') await pause(fault.ms);
    const given = fault?.kind === 'answer' ? fault.answer : undefined;
    const real = given !== undefined && fault?.kind === 'answer' && !fault.executed ? undefined : exchange;
    const answer = real && (await this.#forward(real));
    if (fault?.kind === 'then' && fault.when === 'before-answer') fault.run();
    if (fault?.kind === 'lose' || (fault?.kind === 'then' && fault.when === 'before-answer')) {
      message.socket.destroy();
      return;
    }
    await send(response, given ?? answer);
    if (fault?.kind === 'then') fault.run();
  }

  #forward({ message, body }: Exchange): Promise<WireAnswer> {
    const answered = new Promise<WireAnswer>((resolve, reject) => {
      const { hostname, port } = this.#target;
      const passed = { ...message.headers, 'content-length': String(Buffer.byteLength(body)) };
      const options = { hostname, port, path: message.url, method: message.method, headers: passed };
      const onward = request({ ...options, agent: this.agent }, (incoming) => {
        textOf(incoming).then((text) => {
          const type = incoming.headers['content-type'] ?? 'text/xml';
          resolve({ status: incoming.statusCode ?? 502, type, body: text });
        }, reject);
      });
      onward.once('error', reject);
      onward.end(body);
    });
    const open = answered.catch(() => undefined).finally(() => this.#open.delete(open));
    this.#open.add(open);
    return answered;
  }
}

interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

function send(response: ServerResponse, answer: WireAnswer | undefined): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.writeHead(answer?.status ?? 502, {
      'content-type': answer?.type ?? 'text/plain',
      'x-amzn-requestid': crypto.randomUUID(),
    });
    response.end(answer?.body ?? '', () => resolve());
  });
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
