import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './lock-file.js';

/** What a running daemon says about itself in endpoint.json. */
export interface DaemonRecord {
  readonly pid: number;
  readonly port: number;
  /** ISO time. */
  readonly started: string;
  /** Which program it runs: path and time of change, so that a newer build replaces it. */
  readonly build: string;
  /** Why instances are records only; undefined when they are machines. */
  readonly withoutMachines?: string | undefined;
}

/** Where the sandbox keeps its data, its log and its process id. */
export function sandboxHome(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const set = (name: string): string | undefined => env[name] || undefined;
  const state = set('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state');
  return join(set('CLOUDOPS_HOME') ?? join(state, 'cloudops'), 'sandbox-daemon');
}

/** Tells one sandbox's containers from another's on the same Docker engine. */
export const sandboxId = (home: string): string =>
  createHash('sha256').update(home).digest('hex').slice(0, 12);

export const logFile = (home: string): string => join(home, 'daemon.log');
const recordFile = (home: string): string => join(home, 'endpoint.json');

export function writeRecord(home: string, record: DaemonRecord): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const beside = `${recordFile(home)}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(beside, recordFile(home));
}

/** Removes the record if it is this process's own. */
export function removeRecord(home: string, pid: number): void {
  if (readRecord(home)?.pid === pid) rmSync(recordFile(home), { force: true });
}

function readRecord(home: string): DaemonRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(home), 'utf8')) as DaemonRecord;
  } catch {
    return undefined;
  }
}

/** The record of the daemon that runs on this home; a stale one, whose process id is dead or another's, is none. */
export function liveRecord(home: string): DaemonRecord | undefined {
  const record = readRecord(home);
  return record !== undefined && isDaemonOf(home, record.pid) ? record : undefined;
}

/**
 * True while this process is the daemon of this home. Process ids are used again, and a dead process keeps its id until
 * its parent has looked: the command line tells. Where there is no /proc, the id must do.
 */
export function isDaemonOf(home: string, pid: number): boolean {
  if (process.platform !== 'linux') return isAlive(pid);
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(home);
  } catch {
    return false;
  }
}
