import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Artifact } from '../../src/config/bundle-manifest.js';
import { converge } from '../../src/hosts/converge.js';
import { requirements } from '../../src/monitoring/requirements.js';
import { pythonEnvironment } from '../../src/monitoring/roles/python-environment.js';
import { saveWheels } from '../../src/operations/save-wheels.js';
import { realHost, type RealHost } from '../support/real-host.js';
import { describeWith, hasDocker } from '../support/requires.js';

/** Whether pip can have the packages here: from an index, or from wheels that lie on this machine. */
function hasPackages(): boolean {
  const download = 'python3 -m pip download --quiet --no-deps --dest "$T" flask==3.1.3';
  const script = `T=$(mktemp -d); PIP_RETRIES=0 ${download}; c=$?; rm -rf "$T"; exit $c`;
  return hasDocker() && spawnSync('sh', ['-c', script], { stdio: 'ignore' }).status === 0;
}

describeWith(
  "Docker and the placeholder's packages",
  hasPackages(),
  true,
)('the virtual environment', () => {
  let machine: RealHost;
  const folder = mkdtempSync(join(tmpdir(), 'cloudops-wheels-test-'));
  const venv = '/opt/cloudops-app/venv';

  beforeAll(async () => {
    machine = await realHost(222);
    const { code, stdout } = await machine.host.exec(
      'mkdir -p /opt/cloudops-app; apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3.11-venv 2>&1',
    );
    if (code !== 0) throw new Error(stdout);
  }, 300_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await machine.remove();
  }, 60_000);

  it('is made of a bundle, asking no index, and runs the application', async () => {
    // An index that can't be reached is not waited for.
    const python = join(folder, 'python');
    writeFileSync(python, '#!/bin/sh\nPIP_RETRIES=0 exec python3 "$@"\n', { mode: 0o755 });
    const saved = await saveWheels({ arch: 'amd64', out: folder, python }, new AbortController().signal);
    if (typeof saved === 'string') throw new Error(saved);
    const artifact: Artifact = saved;
    const read = () => Promise.resolve(readFileSync(join(folder, artifact.file)));
    const steps = [pythonEnvironment(venv, requirements(), { ...artifact, bytes: 0, read })];
    const nobody = (): void => undefined;
    expect((await converge(machine.host, steps, nobody)).outcome).toBe('changed');
    expect((await converge(machine.host, steps, nobody)).outcome).toBe('unchanged');
    const imported = await machine.host.exec(
      `${venv}/bin/python -c 'import flask, prometheus_client; print(1)' && ${venv}/bin/gunicorn --version; ls /tmp/tmp.* 2>/dev/null`,
    );
    expect(imported.stdout).toBe('1\ngunicorn (version 26.2.0)\n');
  }, 180_000);

  it('takes nothing else than what was pinned', async () => {
    const other = requirements().replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`);
    const read = () => Promise.resolve(readFileSync(join(folder, 'tampered.tar')));
    spawnSync('sh', ['-c', `cp ${folder}/application-wheels-*.tar ${folder}/tampered.tar`]);
    const wheels = { version: '', file: '', sha256: '', bytes: 0, read };
    const refused = converge(
      machine.host,
      [pythonEnvironment('/opt/cloudops-app/other', other, wheels)],
      () => undefined,
    );
    await expect(refused).rejects.toMatchObject({
      code: 'PYTHON_PACKAGES_NOT_INSTALLED',
      why: expect.stringMatching(/DO NOT MATCH/),
    });
  }, 120_000);
});
