import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import type { Host } from '../../src/hosts/host.js';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import type { Context } from '../../src/operations/context.js';
import { localSecrets } from '../../src/operations/secret-store.js';
import { grafanaAdmin, servicePassword } from '../../src/operations/service-password.js';
import { openBundle } from '../../src/operations/open-bundle.js';
import { renderMonitoring } from '../../src/operations/render-monitoring.js';
import { writeBundle } from '../support/artifacts.js';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'cloudops-configure-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const context = (config: object = {}): Context => ({
  config: configSchema.parse(config),
  stack: 'smartcloudops-dev',
  region: 'us-east-1',
  aws: () => Promise.reject(new Error('nobody may ask AWS here')),
  connect: () => Promise.reject(new Error('nobody may log in here')),
  on: () => undefined,
  signal: new AbortController().signal,
  sandbox: false,
  stateDir,
});

describe('monitoring configure', () => {
  it('proves a bundle before it asks anybody', async () => {
    const directory = join(stateDir, 'bundle');
    const artifact = { kind: 'archive', name: 'prometheus', version: '3.13.5', file: 'a.tar.gz' } as const;
    writeBundle(directory, [{ artifact, bytes: Buffer.from('right') }]);
    await expect(openBundle(directory)).resolves.toMatchObject({ directory });
    writeFileSync(join(directory, 'a.tar.gz'), 'wrong');
    const refused = configureMonitoring(context(), { bundle: directory });
    await expect(refused).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    await expect(configureMonitoring(context(), { bundle: stateDir })).rejects.toMatchObject({
      code: 'BUNDLE_UNREADABLE',
    });
  });

  it('tells of a host that cannot be reached, and skips what needs it', async () => {
    const record = {
      name: 'web',
      role: 'application',
      address: '10.0.0.9',
      privateAddress: '10.0.0.9',
      instanceId: undefined,
    } as const;
    const { result, report } = await configureMonitoring(context(), { hosts: [record] });
    expect(result).toMatchObject({ hosts: [], changed: 0 });
    expect(report.results.map(({ id, status }) => `${id}: ${status}`)).toEqual([
      'web connect: failed',
      'web packages: skipped',
      'web node-exporter: skipped',
      'web application: skipped',
    ]);
  });
});

describe('monitoring render', () => {
  it('writes the files for given addresses and asks nobody', async () => {
    const out = join(stateDir, 'out');
    const { files } = await renderMonitoring(context(), {
      monitoring: '10.1.0.1',
      applications: ['10.1.0.2', '10.1.0.3'],
      out,
    });
    expect(files).toContain('alert-rules.yml');
    const text = readFileSync(join(out, 'prometheus.yml'), 'utf8');
    for (const target of ['10.1.0.1:9100', '10.1.0.2:9100', '10.1.0.2:3000', '10.1.0.3:3000'])
      expect(text).toContain(target);
  });
});

describe("Grafana's admin password", () => {
  const holding = (text: string): Host => ({
    name: 'monitoring',
    exec: () => Promise.resolve({ code: 0, stdout: text, stderr: '' }),
    put: () => Promise.reject(new Error('nothing is to be written')),
    close: () => Promise.resolve(),
  });
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const path = (): string => join(stateDir, 'grafana-admin-password');

  it('is made once, kept 0600, and never prints', async () => {
    const first = await servicePassword(grafanaAdmin, localSecrets(stateDir), holding(''), {
      hostHash: undefined,
      keep: true,
    });
    const second = await servicePassword(grafanaAdmin, localSecrets(stateDir), holding(''), {
      hostHash: undefined,
      keep: true,
    });
    expect(second.reveal()).toBe(first.reveal());
    expect(first.reveal()).toMatch(/^[\w-]{32}$/);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(`${String(first)} ${JSON.stringify({ first })}`).not.toContain(first.reveal());
  });

  it('is what Grafana was started with, whatever is kept here', async () => {
    writeFileSync(path(), 'of an older stack\n');
    const password = await servicePassword(grafanaAdmin, localSecrets(stateDir), holding('of this host'), {
      hostHash: hash('of this host'),
      keep: true,
    });
    expect(password.reveal()).toBe('of this host');
    expect(readFileSync(path(), 'utf8')).toBe('of this host\n');
  });

  it('is not kept by a run that only looks', async () => {
    await servicePassword(grafanaAdmin, localSecrets(stateDir), holding(''), {
      hostHash: undefined,
      keep: false,
    });
    expect(() => statSync(path())).toThrow(/ENOENT/);
  });
});
