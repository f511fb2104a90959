import {
  DeleteRouteCommand,
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  RunInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { diagnoseSsm } from '../../src/infra/ssm-diagnosis.js';
import { runningAddress } from '../../src/infra/instance-address.js';
import type { Aws } from '../../src/infra/resource.js';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';
import { apply, desiredOf } from '../support/stack.js';

let emulator: Emulator;
let aws: Aws;
let ids: readonly string[];

beforeAll(async () => {
  emulator = await startEmulator();
  aws = emulator.aws();
  await apply(aws, await desiredOf(aws));
  const { Reservations } = await aws.ec2.read.send(new DescribeInstancesCommand({}));
  ids = (Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .map(({ InstanceId }) => InstanceId ?? '');
});
afterAll(() => emulator.close());

const signal = new AbortController().signal;

describe('an instance that is not online in Systems Manager', () => {
  it('may be booting or without an agent, or have lost it', async () => {
    expect(await diagnoseSsm(aws, ids[0] ?? '', false)).toMatchObject({
      final: false,
      why: expect.stringContaining('no amazon-ssm-agent'),
    });
    expect(await diagnoseSsm(aws, ids[0] ?? '', true)).toMatchObject({
      final: false,
      why: expect.stringContaining('did report'),
    });
  });

  it('may be of another account or region', async () => {
    expect(await diagnoseSsm(aws, 'i-0fedcba9876543210', false)).toMatchObject({
      final: true,
      why: 'There is no instance i-0fedcba9876543210 in account 000000000000, region us-east-1.',
    });
  });

  it('may have no instance profile', async () => {
    const image = await aws.ec2.read.send(new DescribeInstancesCommand({ InstanceIds: [ids[0] ?? ''] }));
    const { ImageId, SubnetId } = image.Reservations?.[0]?.Instances?.[0] ?? {};
    const bare = await aws.ec2.write.send(
      new RunInstancesCommand({ ImageId, SubnetId, InstanceType: 't3.small', MinCount: 1, MaxCount: 1 }),
    );
    expect(await diagnoseSsm(aws, bare.Instances?.[0]?.InstanceId ?? '', false)).toMatchObject({
      final: true,
      why: expect.stringContaining('no instance profile'),
    });
  });

  it('may have no way out', async () => {
    const { RouteTables } = await aws.ec2.read.send(new DescribeRouteTablesCommand({}));
    for (const { RouteTableId, Routes } of RouteTables ?? [])
      if (Routes?.some(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0') === true)
        await aws.ec2.write.send(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }));
    expect(await diagnoseSsm(aws, ids[0] ?? '', false)).toMatchObject({
      final: false,
      why: expect.stringContaining('no route to the internet'),
    });
  });

  it('may be stopped; then nobody waits for its address either', async () => {
    const said: string[] = [];
    const [name, instanceId] = ['application-1', ids[1] ?? ''];
    const report = (text: string): void => void said.push(text);
    expect(await runningAddress(aws, { name, instanceId }, { signal, report })).toMatch(/^[\d.]+$/);
    await aws.ec2.write.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await diagnoseSsm(aws, instanceId, true)).toMatchObject({
      final: true,
      why: 'The instance is stopped.',
    });
    await expect(runningAddress(aws, { name, instanceId }, { signal, report })).rejects.toMatchObject({
      code: 'INSTANCE_NOT_RUNNING',
      what: expect.stringContaining('is stopped'),
    });
    expect(said).toEqual([
      'waiting for the instance: it is running',
      'waiting for the instance: it is stopped',
    ]);
  });
});
