import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hasProgram } from './requires.js';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export const hasTmux = (): boolean => hasProgram('tmux', '-V');

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
}

/** The built program on a real terminal (tmux), as an operator sees it. */
export class Terminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cloudops-terminal-'));
  readonly #socket = join(this.#folder, 'tmux');
  /** Every text that was on the screen, in order; equal ones once. */
  readonly seen: string[] = [];

  constructor(args: readonly string[], { cwd, env = {}, columns = 100 }: TerminalOptions) {
    const script = join(this.#folder, 'run.sh');
    const quoted = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
    // The shell gets the terminal's interrupts too, and outlives them; the program has its own way with them.
    writeFileSync(
      script,
      `trap : INT\ncd '${cwd}' && ${quoted}\ncode=$?; trap '' INT\necho "EXIT=$code"\nexec sleep 600\n`,
    );
    const variables: Record<string, string> = {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      LANG: 'C.UTF-8',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    };
    const size = ['-x', String(columns), '-y', '60'];
    const clean = [
      'env',
      '-i',
      'TERM=tmux-256color',
      ...Object.entries(variables).map((pair) => pair.join('=')),
    ];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, ...clean, 'sh', script);
  }

  /** What the terminal shows and has scrolled away, without the empty lines at the end. */
  text(): string {
    const text = this.#tmux('capture-pane', '-p', '-S', '-2000').trimEnd();
    if (this.seen.at(-1) !== text) this.seen.push(text);
    return text;
  }

  /** Types; `C-c`, `Enter` and the like are keys. */
  type(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** The text once it matches; an error that shows it after 20 s. */
  async shows(pattern: RegExp): Promise<string> {
    const until = Date.now() + 20_000;
    for (;;) {
      const text = this.text();
      if (pattern.test(text)) return text;
      if (Date.now() > until) throw new Error(`the terminal never shows ${String(pattern)}:\n${text}`);
      await sleep(40);
    }
  }

  /** The program's exit code, when it is through. */
  async exit(): Promise<number> {
    const text = await this.shows(/^EXIT=\d+$/m);
    return Number(/^EXIT=(\d+)$/m.exec(text)?.[1]);
  }

  close(): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
  }
}
