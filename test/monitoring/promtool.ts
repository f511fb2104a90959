import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, hasProgram } from '../support/requires.js';

/** The promtool of $CLOUDOPS_PROMTOOL, or in PATH. */
export const program = process.env['CLOUDOPS_PROMTOOL'] ?? 'promtool';

/** With it the other versions of $CLOUDOPS_PROMTOOLS. */
export const promtools: readonly string[] = [
  ...new Set([program, ...(process.env['CLOUDOPS_PROMTOOLS'] ?? '').split(':')]),
].filter((one) => one !== '');

/** A `describe` for tests that need promtool: in PATH, or $CLOUDOPS_PROMTOOL. */
export const describeWithPromtool = describeWith('promtool', hasProgram(program));

/** Runs a promtool in a directory that holds the given files; its code and all it said. */
export function promtoolOf(
  program: string,
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
): { code: number | null; said: string } {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    const { status, stdout, stderr } = spawnSync(program, words, { cwd: directory, encoding: 'utf8' });
    return { code: status, said: `${stdout}${stderr}` };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The same with the first promtool. */
export function promtool(
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
): { code: number | null; said: string } {
  return promtoolOf(program, files, ...words);
}
