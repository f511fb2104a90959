import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';

/** The middle one; of an even number the lower of the two. */
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

/** Runs a program to its end; what it said, and how long it took in ms. Rejects when it fails. */
export function timed(program, args, options) {
  const began = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  const watch = options.watch === true ? watchTree(child.pid) : undefined;
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const ms = performance.now() - began;
      if (code === 0) resolve({ ms, said, peakKb: watch?.end() });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said}`));
    });
  });
}

/** The most memory that a process and what it started had at one time, looked at every 50 ms; in kB. */
function watchTree(pid) {
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, residentKb(pid))), 50);
  return {
    end: () => {
      clearInterval(timer);
      return most;
    },
  };
}

function residentKb(root) {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        const field = (key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
        return [{ pid: Number(name), parent: field('PPid'), kb: field('VmRSS') }];
      } catch {
        return [];
      }
    });
  const tree = new Set([root]);
  for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
  return processes.filter(({ pid }) => tree.has(pid)).reduce((sum, { kb }) => sum + kb, 0);
}
