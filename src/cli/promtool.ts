import { spawnSync } from 'node:child_process';
import { CloudopsError } from '../errors.js';

/** The promtool to use: $CLOUDOPS_PROMTOOL, or the one in PATH. Throws PROMTOOL_MISSING, which says how to get it. */
export function findPromtool(): string {
  const named = process.env['CLOUDOPS_PROMTOOL'];
  const program = named === undefined || named === '' ? 'promtool' : named;
  const { error, status } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error === undefined && status === 0) return program;
  throw new CloudopsError({
    code: 'PROMTOOL_MISSING',
    what: 'promtool, which runs the tests of rules, is not on this machine.',
    why:
      program === 'promtool'
        ? "No program of that name in PATH that answers '--version'."
        : `$CLOUDOPS_PROMTOOL is '${program}', which does not answer '--version'.`,
    fix: [
      "Debian, Ubuntu: 'apt-get install prometheus' has it (unpack the package with 'dpkg -x' to run no service).",
      'Elsewhere: it is in the release archive of Prometheus; put it in PATH, or name it in $CLOUDOPS_PROMTOOL.',
    ],
  });
}
