import { randomBytes } from 'node:crypto';
import { quote } from './shell.js';

/** What one framed piece of a script printed. */
export interface Frame {
  readonly output: string;
  readonly code: number;
}

/** A word that nothing on a host prints but what it was sent with. */
export function newMark(): string {
  return `cloudops-${randomBytes(8).toString('hex')}`;
}

/**
 * A piece of shell that runs in a subshell of its own, so that neither a failure, an `exit` nor a syntax error in it
 * touches its neighbours; its output stands between marks. `prelude` is put before it, e.g. a redirection.
 */
export function framed(mark: string, name: string, shell: string, redirect: string): string {
  return (
    `printf '\\n%s begin %s\\n' ${mark} ${name}\n` +
    `(eval ${quote(shell)}) ${redirect}\nc=$?\n` +
    `printf '\\n%s end %s %s\\n' ${mark} ${name} "$c"`
  );
}

/** The line that a script prints last; without it the script was cut off. */
export function endMark(mark: string): string {
  return `printf '\\n%s done\\n' ${mark}`;
}

/** The frames in what a script printed, by name, and whether it came to its end. */
export function readFrames(
  mark: string,
  text: string,
): { frames: ReadonlyMap<string, Frame>; done: boolean } {
  const frames = new Map<string, Frame>();
  const pattern = new RegExp(`\\n${mark} begin (\\S+)\\n([^]*?)\\n${mark} end \\1 (\\d+)\\n`, 'g');
  for (const [, name = '', output = '', code = ''] of text.matchAll(pattern))
    frames.set(name, { output, code: Number(code) });
  return { frames, done: text.endsWith(`\n${mark} done\n`) };
}
