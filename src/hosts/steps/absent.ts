import { CloudopsError } from '../../errors.js';
import { lastLines } from '../output.js';
import { quoteAll } from '../shell.js';
import { runScript, type Step, type StepScript } from '../step.js';

export interface AbsentOptions {
  /** Unique among the steps of a role, e.g. `prometheus login`. */
  readonly name: string;
  readonly paths: readonly string[];
}

/** Files of ours that nobody wants any more. */
export function absent({ name, paths }: AbsentOptions): Step {
  const script: StepScript = {
    text: `rm -f -- ${quoteAll(paths)}`,
    explain: (host, _code, output) =>
      new CloudopsError({
        code: 'FILE_NOT_REMOVED',
        what: `${paths.join(' and ')} can't be removed on ${host.name}.`,
        why: lastLines(output),
        fix: ['see whether the file system is writable, then run the same command again'],
      }),
  };
  return {
    id: `no ${name}`,
    look: `for f in ${quoteAll(paths)}; do if [ -e "$f" ] || [ -L "$f" ]; then echo "$f"; fi; done`,
    drift: (seen) => (seen === '' ? undefined : `${seen.split('\n').join(' and ')} still there`),
    apply: (host) => runScript(host, script),
    script,
  };
}
