import { CloudopsError } from '../errors.js';
import { type Contents, contentsOf, isEmpty } from '../sandbox/contents.js';
import { type DaemonRecord, sandboxHome, sandboxId } from '../sandbox/daemon-files.js';
import { answering, endpointOf, startDaemon, stopDaemon } from '../sandbox/daemon-start.js';
import { fileStore } from '../sandbox/store.js';

export interface SandboxOptions {
  /** Told what takes long and what is missing; default: lines on stderr. */
  readonly report?: (line: string) => void;
  /** Instances as records only, Docker or not. */
  readonly apiOnly?: boolean;
}

export interface Sandbox {
  /** For AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly pid: number;
  /** Why instances are records only; undefined when they are machines. */
  readonly withoutMachines: string | undefined;
}

export interface SandboxStatus extends Contents {
  readonly running: boolean;
  readonly endpoint: string | undefined;
  readonly pid: number | undefined;
  readonly withoutMachines: string | undefined;
  readonly home: string;
}

/** The sandbox that runs, else a new one: its process, and once per machine the image that instances start from. */
export async function ensureSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const report = options.report ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const home = sandboxHome();
  try {
    if (options.apiOnly !== true) await endWithoutNeed(home);
    const record = await startDaemon({
      home,
      prepare: () => prepareMachines(report),
      ...(options.apiOnly === true ? { apiOnly: API_ONLY } : {}),
    });
    if (record.withoutMachines !== undefined && options.apiOnly !== true)
      report(`warning: the sandbox has no machines, instances are records only: ${record.withoutMachines}`);
    return described(record);
  } catch (error) {
    throw new CloudopsError({
      code: 'SANDBOX_START',
      what: "The sandbox doesn't start.",
      why: error instanceof Error ? error.message : String(error),
      fix: ["See 'cloudops sandbox status'; 'cloudops sandbox reset' begins anew."],
      cause: error,
    });
  }
}

const API_ONLY = "it was started with --api-only; 'cloudops sandbox stop' and start again for machines";

/** A daemon that had to do without machines is ended when Docker has come since; the next one has them. */
async function endWithoutNeed(home: string): Promise<void> {
  const reason = (await answering(home))?.withoutMachines;
  if (reason === undefined || reason === API_ONLY) return;
  const { dockerUnavailable } = await import('../sandbox/machines/unavailable.js');
  if ((await dockerUnavailable()) === undefined) await stopDaemon(home);
}

/** Docker and the machine image: undefined, or what keeps them away; the sandbox then goes on without machines. */
async function prepareMachines(report: (line: string) => void): Promise<string | undefined> {
  const { dockerUnavailable } = await import('../sandbox/machines/unavailable.js');
  return (await dockerUnavailable()) ?? (await imageProblem(report));
}

async function imageProblem(report: (line: string) => void): Promise<string | undefined> {
  const { ensureImage } = await import('../sandbox/machines/image.js');
  return ensureImage(report).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const described = (record: DaemonRecord): Sandbox => ({
  endpoint: endpointOf(record),
  pid: record.pid,
  withoutMachines: record.withoutMachines,
});

/** What runs and what it holds; starts nothing. */
export async function sandboxStatus(): Promise<SandboxStatus> {
  const home = sandboxHome();
  const record = await answering(home);
  return {
    running: record !== undefined,
    endpoint: record === undefined ? undefined : endpointOf(record),
    pid: record?.pid,
    withoutMachines: record?.withoutMachines,
    home,
    ...contentsOf(fileStore(home).load()),
  };
}

/** Ends the process and stops the machines; everything is kept for the next start. How many machines ran. */
export async function stopSandbox(): Promise<{ readonly stopped: boolean; readonly machines: number }> {
  const home = sandboxHome();
  const { stopFleet } = await import('../sandbox/machines/fleet.js');
  const stopped = await stopDaemon(home);
  return { stopped, machines: await stopFleet(sandboxId(home)) };
}

/** Removes everything: process, machines with their disks, networks, data. The image stays. */
export async function resetSandbox(): Promise<{ readonly machines: number; readonly networks: number }> {
  const home = sandboxHome();
  const { removeFleet } = await import('../sandbox/machines/fleet.js');
  const { rm } = await import('node:fs/promises');
  await stopDaemon(home);
  const removed = await removeFleet(sandboxId(home));
  await rm(home, { recursive: true, force: true });
  return removed;
}

/** After a `down`: ends the process when the sandbox holds nothing that somebody made. True when it did. */
export async function stopSandboxIfEmpty(): Promise<boolean> {
  const home = sandboxHome();
  if (!isEmpty(contentsOf(fileStore(home).load()))) return false;
  return stopDaemon(home);
}
