import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

const inCi = process.env['CI'] === 'true';

/** True when the program can be started. */
export function hasProgram(program: string, ...args: string[]): boolean {
  const { status } = spawnSync(program, args.length > 0 ? args : ['--version'], { stdio: 'ignore' });
  return status === 0;
}

/** True when a Docker engine answers. */
export const hasDocker = (): boolean => hasProgram('docker', 'info');

/**
 * A `describe` for tests that need something of the machine. Where it is missing they are skipped and say so; in CI
 * only what the project can't install itself (`judge`: moto, aws, terraform) may be missing.
 */
export function describeWith(
  what: string,
  present: boolean,
  judge = false,
): typeof describe | typeof describe.skip {
  if (present) return describe;
  if (inCi && !judge) throw new Error(`${what} is missing: these tests may not be skipped in CI`);
  process.stderr.write(`skipped: ${what} is not on this machine\n`);
  return describe.skip;
}
