import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Lease } from './lease.js';

/** What of a lease says which process holds it. */
export type ProcessIdentity = Pick<Lease, 'user' | 'host' | 'machine' | 'pid' | 'started'>;

/** This process. */
export function thisProcess(): ProcessIdentity {
  return {
    user: userName(),
    host: hostname(),
    machine: machineOf(),
    pid: process.pid,
    started: startOf(process.pid) ?? '',
  };
}

/** True when the holder was a process of this user on this machine and isn't there any more. Never true when in doubt. */
export function isDeadHere(lease: Lease, self: ProcessIdentity = thisProcess()): boolean {
  if (lease.user !== self.user || lease.host !== self.host || lease.machine !== self.machine) return false;
  if (lease.pid <= 0) return false;
  if (!exists(lease.pid)) return true;
  const started = startOf(lease.pid);
  return started !== undefined && lease.started !== '' && started !== lease.started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** When a process started, in clock ticks since boot; undefined where /proc doesn't tell. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Name, machine id and process namespace: process ids mean something only where all three agree. */
function machineOf(): string {
  const parts = [hostname(), read('/etc/machine-id')?.trim() ?? '', namespace()];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
