import { spawn } from 'node:child_process';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Fed to standard input, which is closed after it. */
  readonly input?: string;
  /** Milliseconds until the program is killed; default 60,000. */
  readonly timeoutMs?: number;
  /** Called with each line of either output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Stops the program when it fires. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end. A non-zero code is an answer; a program that can't be started is code 127. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    collect(child.stdout, out, options.onLine);
    collect(child.stderr, err, options.onLine);
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }));
    child.on('close', (code, signal) => {
      const killed = signal === null ? '' : `\n${program} was stopped after its time limit`;
      resolve({ code: code ?? 137, stdout: text(out), stderr: `${text(err)}${killed}` });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

function collect(stream: NodeJS.ReadableStream, into: Buffer[], onLine?: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    into.push(chunk);
    if (onLine === undefined) return;
    const lines = (rest + chunk.toString('utf8')).split(/[\r\n]+/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line.trim());
  });
}

/** `docker ...` that must succeed: its standard output, or an error with Docker's own words. */
export async function docker(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const answer = await run('docker', args, options);
  if (answer.code === 0) return answer.stdout.trim();
  throw new Error(`docker ${args[0] ?? ''}: ${lastLines(answer.stderr)}`);
}

/** True when Docker's answer says that the thing it was asked about isn't there. */
export const isGone = (text: string): boolean => /no such|not found/i.test(text);

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' ');
}
