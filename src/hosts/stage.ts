import { quote, removedAtEnd } from './shell.js';

/** A file as it is to be on a host. */
export interface FileContent {
  /** Absolute. */
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Octal permissions; default 0o644. */
  readonly mode?: number;
  /** `user` or `user:group`; default root:root. */
  readonly owner?: string;
}

/** Exit codes of the script below, beyond those of the tools in it. */
export const stageCodes = { noParent: 71, cutInput: 72, refused: 73 } as const;

/** Shell that takes away what a script left in a directory that had no time to, as its host was switched off. */
export function leftovers(directory: string): string {
  return `find ${directory} -maxdepth 1 -name '.cloudops*' -mmin +60 -exec rm -rf {} + 2>/dev/null`;
}

/**
 * A script, and what it reads on its input, that puts files of one directory in place together. All are written
 * beside the old ones in a hidden directory `$STAGE`, with their owner and mode, under their own names; `validate`
 * (shell; `$NEW` is the first one's path) must accept them; then each is renamed over its old self. Until the first
 * rename nothing that was there is touched, and a reader never sees half a file.
 */
export function stageScript(
  directory: string,
  files: readonly FileContent[],
  validate?: string,
): { readonly text: string; readonly stdin: Uint8Array } {
  const contents = files.map(({ content }) => (typeof content === 'string' ? Buffer.from(content) : content));
  const staged = files.map((file, index) => stageOne(file, contents[index]?.length ?? 0));
  const first = files[0];
  const check =
    validate === undefined || first === undefined
      ? []
      : [
          `NEW="$STAGE/"${quote(baseName(first.path))}`,
          `( ${validate}\n) </dev/null || exit ${stageCodes.refused}`,
        ];
  const text = [
    `D=${quote(directory)}`,
    `[ -d "$D" ] || { echo "there is no directory $D"; exit ${stageCodes.noParent}; }`,
    'umask 077',
    leftovers('"$D"'),
    'STAGE=$(mktemp -d "$D/.cloudops.XXXXXXXX") || exit 1',
    removedAtEnd('STAGE'),
    ...staged,
    ...check,
    `sync ${files.map(({ path }) => `"$STAGE/"${quote(baseName(path))}`).join(' ')} || exit 1`,
    ...files.map(({ path }) => `mv -fT "$STAGE/"${quote(baseName(path))} ${quote(path)} || exit 1`),
    'sync "$D"',
  ].join('\n');
  return { text, stdin: Buffer.concat(contents) };
}

function stageOne(file: FileContent, size: number): string {
  const mode = (file.mode ?? 0o644).toString(8).padStart(4, '0');
  return [
    `N="$STAGE/"${quote(baseName(file.path))}`,
    `head -c ${size} >"$N" || exit 1`,
    `[ "$(wc -c <"$N")" -eq ${size} ] || { echo "the input broke off"; exit ${stageCodes.cutInput}; }`,
    `chown ${quote(file.owner ?? 'root:root')} "$N" && chmod ${mode} "$N" || exit 1`,
  ].join('\n');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory that a path is in. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
