import { createHash } from 'node:crypto';
import { writeFailed } from '../put.js';
import { quote } from '../shell.js';
import { directoryOf, stageScript, type FileContent } from '../stage.js';
import { runScript, type Step, type StepScript } from '../step.js';

export interface FileOptions extends FileContent {
  /** Its content is never shown, not even as a difference. */
  readonly secret?: boolean;
  /** Shell that must exit 0 before the file takes the old one's place; `$NEW` is the new file's path. */
  readonly validate?: string;
}

/** A file with this content, mode and owner. */
export function file(options: FileOptions): Step {
  return fileStep(`file ${options.path}`, [options], options.validate);
}

export interface FilesOptions {
  /** Unique among the steps of a role, e.g. `prometheus config`. */
  readonly name: string;
  /** All in one directory, which must exist; the first is `$NEW` for `validate`. */
  readonly files: readonly FileOptions[];
  /** Must exit 0 before any of them takes its place; `$STAGE` is a directory with all of them under their own names. */
  readonly validate?: string;
}

/** Files of one directory that belong together: all are checked as they will stand, then put in place. */
export function files(options: FilesOptions): Step {
  return fileStep(`files ${options.name}`, options.files, options.validate);
}

function fileStep(id: string, all: readonly FileOptions[], validate: string | undefined): Step {
  const directory = directoryOf(all[0]?.path ?? '/');
  const stranger = all.find(({ path }) => directoryOf(path) !== directory);
  if (all.length === 0 || stranger !== undefined) throw new Error(`${id}: files of one directory are wanted`);
  const script: StepScript = {
    ...stageScript(directory, all, validate),
    explain: (host, code, output) => writeFailed(host, all, code, output),
  };
  return {
    id,
    look: all.map(({ path }) => lookFile(path)).join('\n'),
    drift: (seen) => driftOfFiles(all, seen.split('\n')),
    apply: (host) => runScript(host, script),
    script,
    files: all,
  };
}

/** Shell that prints one line on a file: `absent`, `symlink`, `other`, or mode, owner by name and number, sha256. */
export function lookFile(path: string): string {
  return (
    `f=${quote(path)}\n` +
    `if [ -L "$f" ]; then echo symlink; elif [ -f "$f" ]; then ` +
    `set -- $(stat -c '%a %U:%G %u:%g' "$f") $(sha256sum <"$f"); echo "$1 $2 $3 $4"; ` +
    `elif [ -e "$f" ]; then echo other; else echo absent; fi`
  );
}

/** Why files differ, by the lines of their looks; undefined when all are right. */
export function driftOfFiles(all: readonly FileContent[], lines: readonly string[]): string | undefined {
  const details = all.flatMap((one, index) => {
    const detail = driftOfFile(one, lines[index] ?? '');
    if (detail === undefined) return [];
    return all.length === 1 ? [detail] : [`${one.path}: ${detail}`];
  });
  return details.length === 0 ? undefined : details.join('; ');
}

function driftOfFile(wanted: FileContent, line: string): string | undefined {
  if (line === 'absent') return 'missing';
  if (line === 'symlink') return 'is a symbolic link';
  const [mode = '', names = '', numbers = '', sha256] = line.split(' ');
  if (sha256 === undefined) return 'is not a file';
  const details: string[] = [];
  if (sha256 !== createHash('sha256').update(wanted.content).digest('hex')) details.push('content differs');
  const detail = driftOfRights(wanted.mode ?? 0o644, wanted.owner ?? 'root:root', mode, [names, numbers]);
  if (detail !== undefined) details.push(detail);
  return details.length === 0 ? undefined : details.join(', ');
}

/** Why mode (octal, as `stat` prints it) or owner differ from what is wanted. */
export function driftOfRights(
  wantedMode: number,
  wantedOwner: string,
  mode: string,
  owners: readonly string[],
): string | undefined {
  const details: string[] = [];
  if (Number.parseInt(mode, 8) !== wantedMode)
    details.push(`mode ${mode.padStart(4, '0')} instead of ${wantedMode.toString(8).padStart(4, '0')}`);
  const same = owners.some((owner) =>
    wantedOwner.includes(':') ? owner === wantedOwner : owner.split(':')[0] === wantedOwner,
  );
  if (!same) details.push(`owner ${owners[0] ?? 'unknown'} instead of ${wantedOwner}`);
  return details.length === 0 ? undefined : details.join(', ');
}
