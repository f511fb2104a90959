import { CloudopsError } from '../../errors.js';
import { lastLines } from '../output.js';
import { quote } from '../shell.js';
import { runScript, type Step, type StepScript } from '../step.js';
import { driftOfRights } from './file.js';

export interface DirectoryOptions {
  /** Absolute; missing parents are made, root's and 0755. */
  readonly path: string;
  /** Octal permissions; default 0o755. */
  readonly mode?: number;
  /** `user` or `user:group`; default root:root. */
  readonly owner?: string;
}

/** A directory with this mode and owner; what is in it is left alone. */
export function directory(options: DirectoryOptions): Step {
  const { path, mode = 0o755, owner = 'root:root' } = options;
  const script: StepScript = {
    text: `umask 022; mkdir -p ${quote(path)} && chown ${quote(owner)} ${quote(path)} && chmod ${mode.toString(8).padStart(4, '0')} ${quote(path)}`,
    explain: (host, code, output) =>
      new CloudopsError({
        code: 'DIRECTORY_NOT_MADE',
        what: `The directory ${path} can't be made on ${host.name}.`,
        why: `The host said: ${lastLines(output) || `exit code ${code}`}.`,
        fix: [
          'see what stands in its place, and whether the file system is writable, then run the same command again',
        ],
      }),
  };
  return {
    id: `directory ${path}`,
    look: `d=${quote(path)}; if [ -d "$d" ]; then stat -L -c '%a %U:%G %u:%g' "$d"; elif [ -e "$d" ]; then echo other; else echo absent; fi`,
    drift: (seen) => {
      if (seen === 'absent') return 'missing';
      if (seen === 'other') return 'is not a directory';
      const [seenMode = '', ...owners] = seen.split(' ');
      return driftOfRights(mode, owner, seenMode, owners);
    },
    apply: (host) => runScript(host, script),
    script,
  };
}
