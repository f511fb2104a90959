import { DescribeInstancesCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { modelMonitoring } from '../../src/monitoring/model.js';
import { applyPlan } from '../../src/operations/apply-plan.js';
import type { Context } from '../../src/operations/context.js';
import { findHosts } from '../../src/operations/find-hosts.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { stackOutputs } from '../../src/operations/stack-outputs.js';
import type { Emulator } from '../support/aws-at.js';
import { contextAt } from '../support/context.js';
import { startEmulator } from '../support/emulator.js';
import { gist } from '../support/stack.js';

let emulator: Emulator | undefined;
afterEach(() => emulator?.close());

/** An emulator that counts its calls, and contexts that ask for so many application hosts. */
async function start(): Promise<{ calls: string[]; of: (count: number, more?: object) => Context }> {
  const calls: string[] = [];
  const started = await startEmulator({
    limits: { vcpus: 500 },
    onCall: ({ action }) => void calls.push(action),
    transitionMs: 1,
  });
  emulator = started;
  const stateDir = join(await mkdtemp(join(tmpdir(), 'cloudops-many-')), 'stack');
  return {
    calls,
    of: (count, more = {}) => contextAt(started, { stateDir, values: { application: { count }, ...more } }),
  };
}

/** Applies what the config wants; how many calls it took, planning included. */
async function up(context: Context, calls: readonly string[]): Promise<number> {
  const before = calls.length;
  const { report } = await applyPlan(context, await planInfra(context));
  for (const result of report.results) if (result.status === 'failed') throw result.error;
  return calls.length - before;
}

async function names(context: Context): Promise<string[]> {
  const { ec2 } = await context.aws();
  const { Reservations = [] } = await ec2.read.send(new DescribeInstancesCommand({}));
  const alive = Reservations.flatMap(({ Instances = [] }) => Instances).filter(
    ({ State }) => State?.Name === 'running',
  );
  return alive.map(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'Name')?.Value ?? '').sort();
}

describe('many hosts', () => {
  it('cost at most eight calls more when there are fifty than with one', async () => {
    const { calls, of } = await start();
    const one = await up(of(1), calls);
    await applyPlan(of(1), await planInfra(of(1), { destroy: true }));
    const fifty = await up(of(50), calls);
    expect(fifty - one).toBeLessThanOrEqual(8);
    expect(gist(await planInfra(of(50)))).toEqual([]);
    const outputs = await stackOutputs(of(50));
    expect(outputs.applications.map(({ name }) => name)).toEqual(
      Array.from({ length: 50 }, (_, index) => `application-${index + 1}`),
    );
    const hosts = await findHosts(of(50), { applications: [] });
    const known = hosts.map((host) => ({ ...host, privateAddress: host.privateAddress ?? '' }));
    const model = JSON.stringify(modelMonitoring(of(50).config, known));
    for (const { privateAddress } of hosts) expect(model).toContain(privateAddress ?? 'no address');
    await applyPlan(of(1), await planInfra(of(1), { destroy: true }));
  }, 60_000);

  it('go to the zones in turn, each with a Name of its own where one call starts few', async () => {
    const { calls, of } = await start();
    await up(of(5), calls);
    const hosts = await findHosts(of(5), { applications: [] });
    expect(hosts.map(({ name, zone }) => [name, zone])).toEqual([
      ['monitoring', 'us-east-1a'],
      ['application-1', 'us-east-1b'],
      ['application-2', 'us-east-1a'],
      ['application-3', 'us-east-1b'],
      ['application-4', 'us-east-1a'],
      ['application-5', 'us-east-1b'],
    ]);
    expect(await names(of(5))).toEqual(hosts.map(({ name }) => `smartcloudops-dev-${name}`).sort());
    const { ec2 } = await of(5).aws();
    const { Volumes = [] } = await ec2.read.send(new DescribeVolumesCommand({}));
    const volumeNames = Volumes.map(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'Name')?.Value ?? '');
    expect(volumeNames.sort()).toEqual(await names(of(5)));
    expect(calls.filter((action) => action === 'RunInstances')).toHaveLength(3);
  }, 30_000);

  it('come and go at the end of the row, and stay where they are', async () => {
    const { calls, of } = await start();
    await up(of(3), calls);
    const before = await findHosts(of(3), { applications: [] });
    expect(gist(await planInfra(of(5))).map((line) => line.split(':')[0])).toEqual([
      'create instance/application-4',
      'create instance/application-5',
    ]);
    await up(of(5), calls);
    // Another subnet changes where new hosts go, not where the present ones are.
    const third = { network: { subnetCidrs: ['10.0.1.0/24', '10.0.2.0/24', '10.0.3.0/24'] } };
    expect(gist(await planInfra(of(5, third))).map((line) => line.split(':')[0])).toEqual([
      'create subnet/public-3',
      'update route-table/public',
    ]);
    expect(gist(await planInfra(of(3))).sort()).toEqual([
      'delete instance/application-4: ',
      'delete instance/application-5: ',
    ]);
    await up(of(3), calls);
    expect(await findHosts(of(3), { applications: [] })).toEqual(before);
  }, 30_000);
});
