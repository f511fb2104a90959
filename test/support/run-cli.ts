import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Given the means to send the process a signal. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Told what it prints on stdout, as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Runs the built program (dist/) as an operator without a terminal, AWS settings or a home of their own would. */
export function runCli(
  args: readonly string[],
  { cwd, env = {}, onStart, onOutput }: CliOptions,
): Promise<CliRun> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput?.(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  onStart?.((signal) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
