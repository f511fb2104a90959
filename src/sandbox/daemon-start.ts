import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DaemonRecord, isDaemonOf, liveRecord, logFile } from './daemon-files.js';
import { withLock } from './lock-file.js';

/** Not LocalStack's 4566, which may run beside it. */
const PORT = 4599;

export interface StartOptions {
  readonly home: string;
  /** Why there shall be no machines; undefined: prepare them. */
  readonly apiOnly?: string | undefined;
  /** Makes machines possible (Docker, image) or says why they are not. Asked only when a daemon must be started. */
  readonly prepare: () => Promise<string | undefined>;
  /** The daemon's program; default: the one beside this file. */
  readonly entry?: string;
}

/** The daemon of this home: the one that runs, if it is of this build, else a new one. Two calls at once give one. */
export async function startDaemon(options: StartOptions): Promise<DaemonRecord> {
  const { home } = options;
  const entry = options.entry ?? daemonEntry();
  const build = `${entry}@${Math.round(statSync(entry).mtimeMs)}`;
  const running = await answering(home);
  if (running?.build === build) return running;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return withLock(join(home, 'start.lock'), async () => {
    const other = await answering(home);
    if (other?.build === build) return other;
    // A newer build answers where the older one did: an address given out by `sandbox env` stays true.
    const port = liveRecord(home)?.port ?? PORT;
    await stopDaemon(home);
    const withoutMachines = options.apiOnly ?? (await options.prepare());
    return spawnDaemon(home, entry, [
      String(port),
      build,
      ...(withoutMachines === undefined ? [] : [withoutMachines]),
    ]);
  });
}

/** Ends the daemon, if one runs: true when it did. Its machines go on. */
export async function stopDaemon(home: string): Promise<boolean> {
  const record = liveRecord(home);
  if (record === undefined) return false;
  process.kill(record.pid, 'SIGTERM');
  const deadline = Date.now() + 8000;
  while (Date.now() < deadline) {
    if (!isDaemonOf(home, record.pid)) return true;
    await sleep(20);
  }
  process.kill(record.pid, 'SIGKILL');
  return true;
}

/** The record of a daemon that runs and answers. */
export async function answering(home: string): Promise<DaemonRecord | undefined> {
  const record = liveRecord(home);
  return record !== undefined && (await answers(record.port)) ? record : undefined;
}

export const endpointOf = ({ port }: DaemonRecord): string => `http://127.0.0.1:${port}`;

async function spawnDaemon(home: string, entry: string, args: readonly string[]): Promise<DaemonRecord> {
  const output = openSync(logFile(home), 'a', 0o600);
  const loader = entry.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, entry, home, ...args], {
    detached: true,
    stdio: ['ignore', output, output],
    // tsx is found from there; and no folder of the operator's is held.
    cwd: loader.length > 0 ? dirname(entry) : '/',
  });
  closeSync(output);
  child.unref();
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const record = liveRecord(home);
    if (record?.pid === child.pid && record !== undefined && (await answers(record.port))) return record;
    if (child.exitCode !== null || child.pid === undefined) break;
    await sleep(25);
  }
  const lines = readFileSync(logFile(home), 'utf8').trim().split('\n');
  const reason = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
  throw new Error(`the sandbox's process doesn't answer; its log ${logFile(home)} says: ${reason}`);
}

/** True when something speaks HTTP there. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/', timeout: 2000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** Beside the bundle's chunks, or the source when run from it. */
function daemonEntry(): string {
  const names = ['./sandbox-daemon.js', '../sandbox-daemon.js', './daemon.ts'];
  const paths = names.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const entry = paths.find((path) => existsSync(path));
  if (entry === undefined) throw new Error(`the sandbox's program is missing: none of ${paths.join(', ')}`);
  return entry;
}
