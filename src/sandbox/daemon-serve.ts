import { createServer } from 'node:net';
import { readWorld } from './api/world.js';
import { removeRecord, sandboxId, writeRecord } from './daemon-files.js';
import { dockerMachines } from './machines/docker.js';
import { listFleet, listNetworks } from './machines/fleet.js';
import type { Machines } from './machines/machines.js';
import { gatewayOf } from './machines/recipe.js';
import { compareFleet, terminateLost } from './reconcile.js';
import { fileStore, type Store } from './store.js';

export interface ServeOptions {
  readonly home: string;
  /** Wished for; another free one is taken when somebody has it. */
  readonly port: number;
  readonly build: string;
  /** Why there are no machines; undefined: there are. */
  readonly withoutMachines: string | undefined;
}

/** The endpoint's own start, as in api/server.ts. */
export type StartServer = (options: {
  readonly machines: Machines | undefined;
  readonly store: Store;
  readonly port: number;
  readonly hosts: readonly string[];
}) => Promise<{ readonly port: number; listen(host: string): Promise<void>; close(): Promise<void> }>;

/** Serves the sandbox until it is told to end by SIGTERM or SIGINT. Machines outlive it. */
export async function serve(options: ServeOptions, startServer: StartServer): Promise<void> {
  const { home, build, withoutMachines } = options;
  const store = fileStore(home);
  const sandbox = sandboxId(home);
  // Instances reach the endpoint at their network's gateway. One that is listened on already is as good.
  let listen: (host: string) => void = () => undefined;
  const machines =
    withoutMachines === undefined
      ? dockerMachines({ sandbox, report: log, onNetwork: (cidr) => listen(gatewayOf(cidr)) })
      : undefined;
  if (machines !== undefined) await reconcile(machines, store, sandbox);
  const port = (await isFree(options.port)) ? options.port : 0;
  const server = await startServer({ machines, store, port, hosts: ['127.0.0.1'] });
  listen = (host) => void server.listen(host).catch(() => undefined);
  if (machines !== undefined) for (const { gateway } of await listNetworks(sandbox)) listen(gateway);
  writeRecord(home, {
    pid: process.pid,
    port: server.port,
    started: new Date().toISOString(),
    build,
    withoutMachines,
  });
  log(
    `serving on 127.0.0.1:${server.port}${withoutMachines === undefined ? '' : `, no machines: ${withoutMachines}`}`,
  );
  await toldToEnd();
  log('ending');
  removeRecord(home, process.pid);
  await Promise.race([server.close(), new Promise((resolve) => setTimeout(resolve, 3000))]);
}

/** False when somebody else listens there. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A machine may have gone, or stopped with the computer, while no daemon watched. */
async function reconcile(machines: Machines, store: Store, sandbox: string): Promise<void> {
  const world = readWorld(store.load());
  if (world === undefined) return;
  const { start, lost } = compareFleet(world, await listFleet(sandbox));
  if (lost.length > 0) {
    log(`machines are gone: ${lost.join(', ')}`);
    terminateLost(world, lost, Date.now());
    await store.save(world);
  }
  const started = await Promise.allSettled(start.map((id) => machines.resume(id)));
  started.forEach((result, index) => {
    if (result.status === 'rejected') log(`${start[index] ?? ''} doesn't start: ${String(result.reason)}`);
  });
}

function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}
