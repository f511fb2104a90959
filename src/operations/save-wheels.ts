import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Artifact } from '../config/bundle-manifest.js';
import type { Architecture } from '../monitoring/releases.js';
import { pipOptions, pythonVersion, requirements, requirementsVersion } from '../monitoring/requirements.js';

const run = promisify(execFile);

/** Processors as Python's packages name them. */
const machines: Readonly<Record<Architecture, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

export interface WheelsWanted {
  readonly arch: Architecture;
  readonly out: string;
  /** The Python of this machine, whose pip fetches them. */
  readonly python: string;
}

/**
 * The placeholder's Python packages, fetched and proven by the pip of this machine, as one tar; a text says why there
 * is none: only hosts whose distribution lacks them want it.
 */
export async function saveWheels(
  { arch, out, python }: WheelsWanted,
  signal: AbortSignal,
): Promise<Artifact | string> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudops-wheels-'));
  try {
    const [list, wheels] = [join(folder, 'requirements.txt'), join(folder, 'wheels')];
    await writeFile(list, requirements());
    const target = ['--platform', `manylinux2014_${machines[arch]}`, '--python-version', pythonVersion];
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', wheels, ...pipOptions, ...target];
    await run(python, [...pip, '--implementation', 'cp', '--requirement', list], { signal });
    const file = `application-wheels-${requirementsVersion()}-${arch}.tar`;
    await run('tar', ['-cf', join(out, file), '-C', wheels, ...(await readdir(wheels))], { signal });
    const sha256 = createHash('sha256')
      .update(await readFile(join(out, file)))
      .digest('hex');
    return { kind: 'wheels', name: 'application', version: requirementsVersion(), arch, file, sha256 };
  } catch (error) {
    signal.throwIfAborted();
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? '';
    return said === '' ? String(error) : said;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
