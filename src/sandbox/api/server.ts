import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Machines } from '../machines/machines.js';
import { failure, success, type HttpAnswer } from '../protocol/answer.js';
import { ApiError } from '../protocol/api-error.js';
import { readRequest, type Request } from '../protocol/request.js';
import type { Store } from '../store.js';
import { Account } from './account.js';
import { readsOnly } from './dispatch.js';
import { newUuid } from './ids.js';
import { AWS_LIMITS, type Limits } from './limits.js';

/** What a test wants to go wrong with a call. */
export type Fault =
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly status: number }
  /** The call is done (or, `before`, isn't), but no answer arrives. */
  | { readonly kind: 'drop'; readonly before?: boolean }
  | { readonly kind: 'delay'; readonly ms: number };

export interface ServerOptions {
  /** Undefined: API-only, instances come up without a machine. */
  readonly machines: Machines | undefined;
  readonly store: Store;
  /** 0 takes a free one. */
  readonly port: number;
  /** Addresses to listen on, the first one decides a free port. */
  readonly hosts: readonly string[];
  /** Milliseconds since 1970; the system's clock when not given. */
  readonly clock?: () => number;
  /** Time a state transition takes without machines; 200 ms when not given. */
  readonly transitionMs?: number;
  readonly limits?: Partial<Limits>;
  /** Asked before every call; what it answers goes wrong. */
  readonly fault?: (request: Request) => Fault | undefined;
  /** Told of every call that was answered. */
  readonly onCall?: (request: Request, errorCode: string | undefined) => void;
}

/** A running sandbox API. */
export interface SandboxServer {
  readonly port: number;
  /** Listens on a further address, same port: a Docker network's gateway, say. */
  listen(host: string): Promise<void>;
  /** Stops listening, waits for machines under way and for the disk. */
  close(): Promise<void>;
}

/** Starts the API; rejects when the port is taken or what is stored can't be read. */
export async function startServer(options: ServerOptions): Promise<SandboxServer> {
  const account = new Account({
    ...options,
    clock: options.clock ?? Date.now,
    transitionMs: options.transitionMs ?? 200,
    limits: { ...AWS_LIMITS, ...options.limits },
  });
  account.recover();
  const servers: Server[] = [];
  let port = options.port;
  const listen = async (host: string): Promise<void> => {
    const server = createServer((message, response) => void answer(account, options, message, response));
    server.keepAliveTimeout = 60_000;
    await listening(server, port, host);
    servers.push(server);
    port = (server.address() as AddressInfo).port;
  };
  for (const host of options.hosts) await listen(host);
  return {
    port,
    listen,
    async close() {
      await Promise.all(servers.map(closed));
      await account.idle();
    },
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  account: Account,
  options: ServerOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = newUuid();
  try {
    const body = await readBody(message);
    if (message.method === 'GET' && message.url === '/_sandbox/health') {
      send(response, { status: 200, type: 'application/json', body: account.health() }, id);
      return;
    }
    const result = await handle(account, options, readRequest(message, body), id);
    if (result === undefined) message.socket.destroy();
    else send(response, result, id);
  } catch (error) {
    send(response, failure('ec2', asApiError(error), id), id);
  }
}

/** One call with its faults; undefined when no answer is to arrive. */
async function handle(
  account: Account,
  options: ServerOptions,
  request: Request,
  id: string,
): Promise<HttpAnswer | undefined> {
  const fault = options.fault?.(request);
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault?.kind === 'drop' && fault.before === true) return undefined;
  try {
    if (fault?.kind === 'error') throw new ApiError(fault.code, fault.message, fault.status);
    const result = await account.call(request);
    if (!readsOnly(request.action)) await account.save();
    options.onCall?.(request, undefined);
    return fault?.kind === 'drop' ? undefined : success(request.service, request.action, result, id);
  } catch (error) {
    const known = asApiError(error);
    options.onCall?.(request, known.code);
    return failure(request.service, known, id);
  }
}

const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(
        'InternalError',
        `The sandbox failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        500,
      );

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, { status, type, body }: HttpAnswer, id: string): void {
  response.writeHead(status, {
    'content-type': type,
    'x-amzn-requestid': id,
    date: new Date().toUTCString(),
  });
  response.end(body);
}
