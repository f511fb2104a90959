import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Said {
  readonly code: number | null;
  /** Stdout and stderr in the order they were written. */
  readonly text: string;
}

/** Runs promtool in a directory of its own that holds the given files, and is gone afterwards. */
export async function promtool(
  program: string,
  files: Readonly<Record<string, string>>,
  words: readonly string[],
  signal?: AbortSignal,
): Promise<Said> {
  const directory = await mkdtemp(join(tmpdir(), 'cloudops-promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
    return await said(program, words, directory, signal);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Through a file: of two pipes nobody knows what came first. */
async function said(
  program: string,
  words: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<Said> {
  const path = join(cwd, '.said');
  const out = await open(path, 'w');
  try {
    const child = spawn(program, words, { cwd, signal, stdio: ['ignore', out.fd, out.fd] });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, text: await readFile(path, 'utf8') };
  } finally {
    await out.close();
  }
}

/** What promtool said of one file of unit tests. */
export interface Judged {
  readonly ok: boolean;
  /** Why not. */
  readonly message: string;
}

/**
 * The verdicts of `promtool test rules`, by the files in the order they were given. 3.x no longer names the file, so
 * the order tells; a file of which nothing was said is missing.
 */
export function judgedFiles(text: string, files: readonly string[]): ReadonlyMap<string, Judged> {
  const verdicts = text.split(/^ {2}(?=SUCCESS *$|FAILED: *$)/m).slice(1);
  return new Map(
    files.flatMap((file, index) => {
      const verdict = verdicts[index];
      if (verdict === undefined) return [];
      return [[file, { ok: verdict.startsWith('SUCCESS'), message: failure(verdict) }] as const];
    }),
  );
}

function failure(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^ *(FAILED:|SUCCESS|Unit Testing:.*)\s*$/.test(line));
  return lines.map((line) => line.trimEnd()).join('\n');
}
