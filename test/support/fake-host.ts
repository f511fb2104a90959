import { spawn } from 'node:child_process';
import { bootstrap } from '../../src/hosts/bootstrap.js';
import { Collector, resultOf } from '../../src/hosts/collect.js';
import type { ExecOptions, ExecResult, Host, PutOptions } from '../../src/hosts/host.js';
import { putFile } from '../../src/hosts/put.js';
import { sudoShim } from './sudo-shim.js';

/** A host that is the local shell; steps are given paths in a temp directory and the test's own user as owner. */
export interface FakeHost extends Host {
  /** The scripts that were run, one a round trip. */
  readonly trips: readonly string[];
}

export interface FakeHostOptions {
  readonly name?: string;
  /** Directories put before PATH, for commands that the test replaces. */
  readonly path?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the nth round trip (from 0) comes to instead, e.g. a cut-off output; undefined lets it run. */
  readonly instead?: (trip: number, script: string) => ExecResult | undefined;
}

export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const trips: string[] = [];
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  env['PATH'] = [...(options.path ?? []), sudoShim(), process.env['PATH'] ?? ''].join(':');
  const host: FakeHost = {
    name: options.name ?? 'fake',
    trips,
    exec: async (script: string, execOptions: ExecOptions = {}): Promise<ExecResult> => {
      const instead = options.instead?.(trips.length, script);
      trips.push(script);
      return instead ?? (await runLocally(script, env, execOptions));
    },
    put: (content: string | Uint8Array, path: string, put?: PutOptions) => putFile(host, content, path, put),
    close: () => Promise.resolve(),
  };
  return host;
}

function runLocally(script: string, env: NodeJS.ProcessEnv, options: ExecOptions): Promise<ExecResult> {
  const mark = 'fake-mark';
  const { command, input } = bootstrap(script, options.stdin ?? '', mark);
  const out = new Collector(mark, undefined, options.onLine);
  const err = new Collector(mark);
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command], { env, detached: true });
    const kill = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(kill, options.timeoutMs ?? 30_000);
    options.signal?.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (chunk: Buffer) => out.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.add(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', kill);
      resolve(resultOf(code, signal, out.text().text, err.text().text));
    });
    child.stdin.end(input);
  });
}
