import { spawnSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Invocation, Order, RunCommand } from '../../src/hosts/ssm-command.js';
import { sudoShim } from './sudo-shim.js';

/** What goes wrong with one send. */
export type SendFault = 'throttled' | 'lost-before' | 'lost-after' | 'refused';

export interface LocalRunCommand {
  readonly api: RunCommand;
  /** Everything that Systems Manager was told, in order: what its command history shows. */
  readonly orders: readonly Order[];
  /** What it answered. */
  readonly answers: readonly Invocation[];
  /** In place of /run/cloudops-ssm. */
  readonly directory: string;
  /** For the next sends, in order. */
  readonly faults: SendFault[];
  readonly cancelled: string[];
}

/** Run Command whose machine is the local shell, with AWS's limits on size and output. */
export function localRunCommand(path: readonly string[] = []): LocalRunCommand {
  const directory = join(mkdtempSync(join(tmpdir(), 'cloudops-ssm-')), 'run');
  const orders: Order[] = [];
  const answers: Invocation[] = [];
  const faults: SendFault[] = [];
  const cancelled: string[] = [];
  const commands = new Map<
    string,
    { order: Order; child: ChildProcess; result?: Invocation; asked: number }
  >();
  const env = { ...process.env, PATH: [...path, sudoShim(), process.env['PATH'] ?? ''].join(':') };

  const start = (order: Order): string => {
    const id = randomUUID();
    const text = order.text.replaceAll('/run/cloudops-ssm', directory);
    const child = spawn('timeout', [String(order.seconds), 'sh', '-c', text], { env, detached: true });
    const entry: { order: Order; child: ChildProcess; result?: Invocation; asked: number } = {
      order,
      child,
      asked: 0,
    };
    commands.set(id, entry);
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdin.on('error', () => undefined).end();
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('close', (code) => {
      const status = cancelled.includes(id)
        ? 'Cancelled'
        : code === 124
          ? 'TimedOut'
          : code === 0
            ? 'Success'
            : 'Failed';
      const result = {
        status,
        code: code ?? 137,
        stdout: Buffer.concat(out).toString().slice(0, 24_000),
        stderr: Buffer.concat(err).toString().slice(0, 8_000),
      };
      entry.result = result;
      answers.push(result);
    });
    return id;
  };

  const api: RunCommand = {
    verdict: (error) => {
      const fault = (error as Error).message;
      return fault === 'throttled' ? 'throttled' : fault.startsWith('lost') ? 'unclear' : 'refused';
    },
    send: (order) => {
      if (order.text.length > 48_000) throw new Error('refused: too large');
      const fault = faults.shift();
      if (fault !== undefined && fault !== 'lost-after') return Promise.reject(new Error(fault));
      orders.push(order);
      const id = start(order);
      return fault === undefined ? Promise.resolve(id) : Promise.reject(new Error(fault));
    },
    invocation: (id) => {
      const entry = commands.get(id);
      if (entry === undefined) return Promise.reject(new Error('refused'));
      entry.asked += 1;
      // AWS doesn't know a command in its first moments.
      if (entry.asked === 1) return Promise.resolve(undefined);
      return Promise.resolve(entry.result ?? { status: 'InProgress', code: -1, stdout: '', stderr: '' });
    },
    find: (_instance, comment) =>
      Promise.resolve([...commands].find(([, { order }]) => order.comment === comment)?.[0]),
    cancel: (id) => {
      cancelled.push(id);
      const pid = commands.get(id)?.child.pid;
      // `timeout` leads a group of its own.
      if (pid !== undefined) spawnSync('sh', ['-c', `kill -s KILL -- -${pid}`]);
      return Promise.resolve();
    },
  };
  return { api, orders, answers, directory, faults, cancelled };
}
