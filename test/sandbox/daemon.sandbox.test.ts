import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  waitUntilInstanceRunning,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sandboxId } from '../../src/sandbox/daemon-files.js';
import { contentsOf, isEmpty } from '../../src/sandbox/contents.js';
import { endpointOf, startDaemon, stopDaemon } from '../../src/sandbox/daemon-start.js';
import { listFleet, listNetworks, removeFleet, stopFleet } from '../../src/sandbox/machines/fleet.js';
import { ensureImage } from '../../src/sandbox/machines/image.js';
import { fileStore } from '../../src/sandbox/store.js';
import { describeWith, hasDocker } from '../support/requires.js';

const run = promisify(execFile);

describeWith('a Docker engine', hasDocker())('the sandbox as a process', () => {
  const home = mkdtempSync(join(tmpdir(), 'cloudops-sandbox-'));
  const sandbox = sandboxId(home);
  let ec2: EC2Client;
  let ids: { vpc: string; subnet: string; instance: string };

  async function start(): Promise<void> {
    const prepare = (): Promise<undefined> =>
      ensureImage((line) => void process.stderr.write(`${line}\n`)).then(() => undefined);
    const record = await startDaemon({ home, prepare });
    expect(record.withoutMachines).toBeUndefined();
    ec2 = new EC2Client({
      endpoint: endpointOf(record),
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  async function state(): Promise<string | undefined> {
    const answer = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [ids.instance] }));
    return answer.Reservations?.[0]?.Instances?.[0]?.State?.Name;
  }

  beforeAll(async () => {
    await start();
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.79.0.0/16' }));
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId: Vpc!.VpcId, CidrBlock: '10.79.1.0/24' }),
    );
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
    const { ImageId } = Images![0]!;
    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ImageId, SubnetId: Subnet!.SubnetId, MinCount: 1, MaxCount: 1 }),
    );
    ids = { vpc: Vpc!.VpcId!, subnet: Subnet!.SubnetId!, instance: Instances![0]!.InstanceId! };
    await waitUntilInstanceRunning(
      { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
      { InstanceIds: [ids.instance] },
    );
  }, 300_000);

  afterAll(async () => {
    await stopDaemon(home);
    await removeFleet(sandbox);
    rmSync(home, { recursive: true, force: true });
  }, 60_000);

  it('runs a machine for an instance and shows its host keys', async () => {
    expect(await listFleet(sandbox)).toEqual([
      expect.objectContaining({ instanceId: ids.instance, running: true }),
    ]);
    const { Output } = await ec2.send(
      new GetConsoleOutputCommand({ InstanceId: ids.instance, Latest: true }),
    );
    expect(Buffer.from(Output ?? '', 'base64').toString()).toContain('-----BEGIN SSH HOST KEY KEYS-----\r\n');
  }, 30_000);

  it('is reached by its machines at the gateway of their network', async () => {
    const { port } = new URL(
      endpointOf(await startDaemon({ home, prepare: () => Promise.reject(new Error()) })),
    );
    const name = `cloudops-sandbox-${ids.instance}`;
    const { stdout } = await run('docker', [
      'exec',
      name,
      'curl',
      '-s',
      `http://10.79.0.1:${port}/_sandbox/health`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  }, 30_000);

  it('starts the machines again that ran when it was stopped', async () => {
    await stopDaemon(home);
    expect(await stopFleet(sandbox)).toBe(1);
    await start();
    expect((await listFleet(sandbox)).map(({ running }) => running)).toEqual([true]);
    expect(await state()).toBe('running');
  }, 60_000);

  it('terminates an instance whose machine is gone', async () => {
    await stopDaemon(home);
    await run('docker', ['rm', '--force', '--volumes', `cloudops-sandbox-${ids.instance}`]);
    await start();
    expect(await state()).toBe('terminated');
  }, 60_000);

  it('leaves no network behind, and knows that it is empty', async () => {
    expect(isEmpty(contentsOf(fileStore(home).load()))).toBe(false);
    await ec2.send(new DeleteSubnetCommand({ SubnetId: ids.subnet }));
    await ec2.send(new DeleteVpcCommand({ VpcId: ids.vpc }));
    expect(await listNetworks(sandbox)).toEqual([]);
    expect(isEmpty(contentsOf(fileStore(home).load()))).toBe(true);
  }, 30_000);
});
