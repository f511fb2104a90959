import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '../../src/config/secret.js';
import { CloudopsError } from '../../src/errors.js';
import type { Host } from '../../src/hosts/host.js';
import { readSecrets, writeSecret } from '../../src/infra/secret-parameters.js';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import type { Context } from '../../src/operations/context.js';
import { describeService } from '../../src/operations/open-service.js';
import { preflight } from '../../src/operations/preflight.js';
import { openSecretStore, removeSharedSecrets } from '../../src/operations/secret-store.js';
import { grafanaAdmin, servicePassword } from '../../src/operations/service-password.js';
import type { Fault } from '../../src/sandbox/api/server.js';
import type { Emulator } from '../support/aws-at.js';
import { contextAt } from '../support/context.js';
import { startEmulator } from '../support/emulator.js';

const name = grafanaAdmin.file;
let emulator: Emulator;
const folders: string[] = [];
let calls: string[] = [];
let fault: (action: string) => Fault | undefined;

beforeEach(async () => {
  calls = [];
  fault = () => undefined;
  emulator = await startEmulator({
    onCall: ({ action }) => void calls.push(action),
    fault: ({ action }) => fault(action),
  });
});
afterEach(async () => {
  await emulator.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Another operator's machine. */
function operator(values: object = { secrets: 'ssm' }): Context {
  const stateDir = mkdtempSync(join(tmpdir(), 'cloudops-secrets-'));
  folders.push(stateDir);
  return contextAt(emulator, { stateDir, values });
}
const kept = ({ stateDir }: Context): string => readFileSync(join(stateDir, name), 'utf8').trim();
const shared = async (): Promise<string | undefined> =>
  (await (await openSecretStore(operator())).read(name))?.reveal();

/** A host that Grafana was started on with this password; undefined: a fresh one. */
const host = (password?: string): Host => ({
  name: 'monitoring',
  exec: () => Promise.resolve({ code: 0, stdout: password ?? '', stderr: '' }),
  put: () => Promise.reject(new Error('nothing is to be written')),
  close: () => Promise.resolve(),
});
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

async function configured(context: Context, password?: string, keep = true): Promise<string> {
  const hostHash = password === undefined ? undefined : hash(password);
  const store = await openSecretStore(context);
  return (await servicePassword(grafanaAdmin, store, host(password), { hostHash, keep })).reveal();
}

describe('secrets: ssm', () => {
  it('gives a password that one operator made to the others, with one call when all is right', async () => {
    const [one, two] = [operator(), operator()];
    const password = await configured(one);
    expect(await configured(two)).toBe(password);
    expect(kept(two)).toBe(password);
    expect(statSync(join(two.stateDir, name)).mode & 0o777).toBe(0o600);
    calls = [];
    expect(await configured(two, password)).toBe(password);
    expect(calls).toEqual(['GetParameters']);
  });

  it('follows what Grafana was started with, and heals what a cut-off rotation left in SSM', async () => {
    const one = operator();
    await configured(one);
    // The host has a new one; the run that made it ended before it was kept.
    expect(await configured(operator(), 'rotated')).toBe('rotated');
    expect(await shared()).toBe('rotated');
    expect(await configured(one, 'rotated')).toBe('rotated');
    expect(kept(one)).toBe('rotated');
  });

  it('is taken up by a stack that had its passwords on one machine only', async () => {
    const one = operator({});
    const password = await configured(one);
    expect(calls).toEqual([]);
    const now = { ...one, config: { ...one.config, secrets: 'ssm' as const } };
    expect(await configured(now, password)).toBe(password);
    expect(await shared()).toBe(password);
  });

  it('keeps nothing anywhere in a run that only looks', async () => {
    const one = operator();
    await configured(one, undefined, false);
    expect(await shared()).toBeUndefined();
    expect(() => kept(one)).toThrow(/ENOENT/);
  });

  it('puts it on the machine of whoever opens Grafana', async () => {
    const password = await configured(operator());
    const other = operator();
    const hosts = { connect: () => Promise.reject(new Error('nobody logs in')) };
    const way = await describeService(
      { ...other, ...hosts },
      { service: 'grafana', monitoring: '192.0.2.1' },
    );
    expect(way.login?.passwordFile).toBe(join(other.stateDir, name));
    expect(kept(other)).toBe(password);
    expect(JSON.stringify(way)).not.toContain(password);
  });

  it('is removed with the stack; no call with local', async () => {
    await configured(operator());
    await writeSecret(emulator.aws('another'), name, new Secret('another'));
    expect(await removeSharedSecrets(operator())).toEqual([
      '/cloudops/smartcloudops-dev/grafana-admin-password',
    ]);
    expect(await shared()).toBeUndefined();
    expect((await readSecrets(emulator.aws('another'), [name])).get(name)?.reveal()).toBe('another');
    calls = [];
    expect(await removeSharedSecrets(operator({}))).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('names what is not allowed, before anything is touched', async () => {
    fault = (action) =>
      action === 'GetParameters'
        ? {
            kind: 'error',
            code: 'AccessDeniedException',
            message:
              'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:us-east-1:111122223333:parameter/cloudops/smartcloudops-dev/grafana-admin-password because no identity-based policy allows the ssm:GetParameters action',
            status: 400,
          }
        : undefined;
    const refused = configureMonitoring(operator(), { monitoring: '192.0.2.1' });
    await expect(refused).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      exitCode: 7,
      fix: expect.arrayContaining([expect.stringContaining('"Action":"ssm:GetParameters"')]),
    });
  });

  it('needs AWS, and says so before anything is touched', async () => {
    const none = new CloudopsError({
      code: 'NO_CREDENTIALS',
      what: 'No AWS credentials were found.',
      exit: 7,
    });
    const context = { ...operator(), aws: () => Promise.reject(none) };
    await expect(configureMonitoring(context, { monitoring: '192.0.2.1' })).rejects.toMatchObject({
      code: 'SECRETS_NEED_AWS',
      exitCode: 7,
      why: expect.stringContaining('No AWS credentials'),
      fix: expect.arrayContaining([expect.stringContaining("'secrets: local'")]),
    });
  });

  it('is among what preflight asks IAM about', async () => {
    const asked: string[][] = [];
    for (const secrets of ['ssm', 'local']) {
      calls = [];
      const context = operator({ secrets });
      const { findings } = await preflight(context);
      asked.push(findings.flatMap(({ id, saw }) => (id === 'iam-permissions' ? [saw] : [])));
    }
    const [more = 0, less = 0] = asked.map(([saw = '']) => Number(/^\d+/.exec(saw)?.[0]));
    expect(more - less).toBe(2);
  });

  it('never prints', async () => {
    const one = operator();
    const store = await openSecretStore(one);
    await store.keep(name, new Secret('hunter2-hunter2'));
    writeFileSync(join(one.stateDir, 'seen'), JSON.stringify([store, await store.read(name)]));
    expect(readFileSync(join(one.stateDir, 'seen'), 'utf8')).not.toContain('hunter2');
  });
});
