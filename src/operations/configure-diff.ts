import { randomBytes } from 'node:crypto';
import { createTwoFilesPatch } from 'diff';
import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { quote } from '../hosts/shell.js';
import type { Step } from '../hosts/step.js';

/** How one file of a host differs from what is wanted. */
export interface FileDiff {
  readonly path: string;
  /** A unified diff, or one line where the contents may not be shown. Ends with a newline. */
  readonly diff: string;
}

type Wanted = NonNullable<Step['files']>[number];

/** Bytes of a file on a host that are compared; ours are far smaller. */
const longest = 1_000_000;

/**
 * The diffs of all files of these steps, by path. Reads them from the host in one round trip; secret ones are never
 * read. A file whose content is right (only its mode or owner differ) has none.
 */
export async function fileDiffs(host: Host, steps: readonly Step[]): Promise<readonly FileDiff[]> {
  const wanted = steps.flatMap(({ files = [] }) => files);
  const shown = wanted.filter(({ secret }) => secret !== true);
  const there = await readAll(
    host,
    shown.map(({ path }) => path),
  );
  return wanted.flatMap((file) => {
    if (file.secret === true)
      return [{ path: file.path, diff: `${file.path}: holds a secret and is not shown\n` }];
    const diff = contentDiff(file, there.get(file.path));
    return diff === undefined ? [] : [{ path: file.path, diff }];
  });
}

/** Pure: the unified diff from what a host has (undefined: nothing) to what is wanted; undefined when they are equal. */
export function contentDiff({ path, content }: Wanted, before: Buffer | undefined): string | undefined {
  const after = Buffer.from(content);
  if (before?.equals(after) === true) return undefined;
  if ([before, after].some((bytes) => bytes?.includes(0) === true))
    return `${path}: binary content differs\n`;
  const [from, to] = [before?.toString('utf8') ?? '', after.toString('utf8')];
  // One that differs only in what is masked would show as no difference at all.
  if (masked(from) === masked(to)) return `${path}: differs in a value that is not shown\n`;
  const text = createTwoFilesPatch(
    before === undefined ? '/dev/null' : `${path} (on the host)`,
    `${path} (wanted)`,
    masked(from),
    masked(to),
    undefined,
    undefined,
    { context: 3 },
  );
  return text.replace(/^={3,}\n/, '');
}

/** Hides the values of lines that look as if they held a secret: what stands on a host may be by another hand. */
export function masked(text: string): string {
  const name = String.raw`[\w.-]*(?:passw(?:or)?d|secret|token|credentials|api_?key|private_?key|authorization)[\w.-]*`;
  // A path of a file, or Grafana's reference to one, is no secret.
  const line = new RegExp(
    String.raw`^([ \t]*(?:-[ \t]+)?["']?${name}["']?[ \t]*[:=][ \t]*)(?=\S)(?!["']?(?:/|\$__file\{|true\b|false\b))(.*)$`,
    'gim',
  );
  return text
    .replace(line, '$1(not shown)')
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, '(not shown)')
    .replace(/(:\/\/[^\s/:@]+:)[^\s/@]+@/g, '$1(not shown)@');
}

async function readAll(host: Host, paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  if (paths.length === 0) return new Map();
  const mark = `cloudops-${randomBytes(8).toString('hex')}`;
  const script = [
    ...paths.map(
      (path, index) =>
        `f=${quote(path)}; if [ -f "$f" ]; then echo "${mark} ${String(index)} $(head -c ${String(longest)} <"$f" | base64 -w 0)"; fi`,
    ),
    `echo "${mark} end"`,
  ].join('\n');
  const { stdout, code } = await host.exec(script);
  const lines = stdout.split('\n').filter((line) => line.startsWith(`${mark} `));
  if (lines.at(-1) !== `${mark} end`) {
    throw new CloudopsError({
      code: 'HOST_LOOK_CUT_OFF',
      what: `Reading the files of ${host.name} broke off before its end.`,
      why: `The shell ended with code ${String(code)}.`,
      fix: ['run the same command again'],
    });
  }
  return new Map(
    lines.slice(0, -1).map((line) => {
      const [, index = '', text = ''] = line.split(' ');
      return [paths[Number(index)] ?? '', Buffer.from(text, 'base64')];
    }),
  );
}
