import { access, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from '../../src/operations/context.js';
import { applyPlan } from '../../src/operations/apply-plan.js';
import { findHosts } from '../../src/operations/find-hosts.js';
import { planDocument } from '../../src/operations/plan-document.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { stackOutputs } from '../../src/operations/stack-outputs.js';
import { stackStatus } from '../../src/operations/stack-status.js';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';
import { configOf } from '../support/stack.js';

const access1 = { allowCidrs: ['203.0.113.7/32'] };

describe('the operations on a stack', () => {
  let emulator: Emulator;
  let stateDir: string;
  const context = (values: object = {}): Context => ({
    config: configOf({ access: access1, ...values }),
    stack: 'smartcloudops-dev',
    region: 'us-east-1',
    aws: () => Promise.resolve(emulator.aws()),
    connect: () => Promise.reject(new Error('no hosts here')),
    on: () => undefined,
    signal: new AbortController().signal,
    sandbox: false,
    stateDir,
  });
  beforeAll(async () => {
    emulator = await startEmulator();
    stateDir = join(await mkdtemp(join(tmpdir(), 'cloudops-infra-')), 'stack');
  });
  afterAll(() => emulator.close());

  it('says that there is no stack yet', async () => {
    await expect(stackOutputs(context())).rejects.toMatchObject({ code: 'NO_STACK' });
    await expect(findHosts(context(), { applications: [] })).rejects.toMatchObject({ code: 'NO_STACK' });
    expect((await stackStatus(context())).resources).toEqual([]);
  });

  it('makes it, and has nothing to do afterwards', async () => {
    const { report, plan, ids } = await applyPlan(context(), await planInfra(context()));
    expect(report.ok).toBe(true);
    expect(planDocument(plan, ids).changes.every(({ id }) => id !== undefined)).toBe(true);
    expect(planDocument(await planInfra(context())).summary).toEqual({
      create: 0,
      update: 0,
      replace: 0,
      delete: 0,
      none: 12,
    });
  });

  it('gives addresses and command lines', async () => {
    const outputs = await stackOutputs(context());
    expect(outputs.subnetIds).toHaveLength(2);
    expect(outputs.monitoring?.ssh).toBe(
      `ssh -i ${join(stateDir, 'id_ed25519')} ec2-user@${outputs.monitoring?.publicIp ?? ''}`,
    );
    expect(outputs.urls.grafana).toBe(`http://${outputs.monitoring?.publicIp ?? ''}:3001`);
    const secured = await stackOutputs(context({ monitoring: { grafana: { https: 'self-signed' } } }));
    expect(secured.urls.grafana).toBe(`https://${outputs.monitoring?.publicIp ?? ''}:3001`);
    expect(outputs.applications).toHaveLength(1);
  });

  it('finds the hosts, monitoring first, and refuses a swapped pair', async () => {
    const hosts = await findHosts(context(), { applications: [] });
    expect(hosts.map(({ name, role }) => [name, role])).toEqual([
      ['monitoring', 'monitoring'],
      ['application-1', 'application'],
    ]);
    const [watcher, app] = hosts.map(({ address }) => address ?? '');
    const right = await findHosts(context(), { monitoring: watcher, applications: [app ?? ''] });
    expect(right.map(({ instanceId }) => instanceId)).toEqual(hosts.map(({ instanceId }) => instanceId));
    await expect(
      findHosts(context(), { monitoring: app, applications: [watcher ?? ''] }),
    ).rejects.toMatchObject({ code: 'HOSTS_SWAPPED', exitCode: 2 });
  });

  it('takes given addresses without AWS', async () => {
    const alone = { ...context(), aws: () => Promise.reject(new Error('no credentials')) };
    const hosts = await findHosts(alone, { monitoring: '192.0.2.1', applications: ['192.0.2.2'] });
    expect(hosts.map(({ name, role, instanceId }) => [name, role, instanceId])).toEqual([
      ['192.0.2.1', 'monitoring', undefined],
      ['192.0.2.2', 'application', undefined],
    ]);
  });

  it('replaces and stops only when allowed', async () => {
    const smaller = context({ application: { volumeSize: 8 } });
    await expect(applyPlan(smaller, await planInfra(smaller))).rejects.toMatchObject({
      code: 'REPLACE_NOT_ALLOWED',
      exitCode: 2,
    });
    const larger = context({ application: { instanceType: 't3.medium' } });
    await expect(applyPlan(larger, await planInfra(larger))).rejects.toMatchObject({
      code: 'STOP_NOT_ALLOWED',
    });
    expect((await planInfra(context())).empty).toBe(true);
  });

  it('removes all of it, and the key it made', async () => {
    await applyPlan(context(), await planInfra(context(), { destroy: true }));
    expect((await stackStatus(context())).resources).toEqual([]);
    await expect(access(join(stateDir, 'id_ed25519'))).rejects.toThrow('ENOENT');
  });
});
