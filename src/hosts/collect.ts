import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { ExecResult } from './host.js';

/** More output than this from one command is a mistake. */
export const maxOutputBytes = 64 * 1024 * 1024;

/** Gathers one stream of a script that `bootstrap` started, from the mark on. */
export class Collector {
  readonly #chunks: Buffer[] = [];
  readonly #decoder = new StringDecoder('utf8');
  #size = 0;
  #pending = '';
  #marked = false;

  constructor(
    private readonly mark: string,
    private readonly onMark?: (pid: number) => void,
    private readonly onLine?: (line: string) => void,
  ) {}

  /** Takes what arrived; false when it is too much. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (!this.#marked || this.onLine !== undefined) this.#lines(this.#decoder.write(chunk));
    return this.#size <= maxOutputBytes;
  }

  /** What the script printed; without the mark all there is. */
  text(): { readonly text: string; readonly marked: boolean } {
    const all = Buffer.concat(this.#chunks).toString('utf8');
    const found = new RegExp(`(?:^|\\n)${this.mark} \\d+\\n`).exec(all);
    if (this.#marked && this.#pending !== '') this.onLine?.(this.#pending);
    this.#pending = '';
    if (found === null) return { text: all, marked: false };
    return { text: all.slice(found.index + found[0].length), marked: true };
  }

  #lines(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      const pid = this.#marked ? undefined : new RegExp(`^${this.mark} (\\d+)$`).exec(line)?.[1];
      if (pid !== undefined) {
        this.#marked = true;
        this.onMark?.(Number(pid));
      } else if (this.#marked) this.onLine?.(line);
    }
  }
}

/** The result of a command by its exit code or the signal that ended it. */
export function resultOf(
  code: number | null | undefined,
  signal: string | null | undefined,
  stdout: string,
  stderr: string,
): ExecResult {
  if (signal === null || signal === undefined || signal === '') return { code: code ?? 255, stdout, stderr };
  const name = signal.startsWith('SIG') ? signal : `SIG${signal}`;
  const numbers: Partial<Record<string, number>> = constants.signals;
  return { code: 128 + (numbers[name] ?? 0), stdout, stderr, signal: name };
}
