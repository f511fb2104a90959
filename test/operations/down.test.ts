import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcEndpointCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcEndpointsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failedRun } from '../../src/cli/failed-run.js';
import { discover } from '../../src/infra/discover.js';
import { kinds } from '../../src/infra/kinds.js';
import { applyPlan } from '../../src/operations/apply-plan.js';
import type { Context } from '../../src/operations/context.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { stackStatus } from '../../src/operations/stack-status.js';
import type { Emulator } from '../support/aws-at.js';
import { contextAt } from '../support/context.js';
import { startEmulator } from '../support/emulator.js';
import { apply, configOf, desiredOf, gist, planOf } from '../support/stack.js';

describe('down', () => {
  let emulator: Emulator;
  let context: Context;
  beforeAll(async () => {
    emulator = await startEmulator();
    const stateDir = join(await mkdtemp(join(tmpdir(), 'cloudops-down-')), 'stack');
    context = contextAt(emulator, { stateDir });
    await applyPlan(context, await planInfra(context));
  });
  afterAll(() => emulator.close());

  it('names what is not ours and holds on, deletes the rest, and ends when that is gone', async () => {
    const { write: ec2 } = emulator.aws().ec2;
    const rows = (await stackStatus(context)).resources;
    const id = (kind: string, name: string): string =>
      rows.find((row) => row.kind === kind && row.name === name)?.id ?? '';
    const VpcId = id('vpc', 'main');
    const { NetworkInterface } = await ec2.send(
      new CreateNetworkInterfaceCommand({
        SubnetId: id('subnet', 'public-1'),
        Groups: [id('security-group', 'monitoring')],
        Description: "somebody's database",
      }),
    );
    const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId ?? '';
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: 'theirs', Description: 'theirs' }),
    );
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 5432,
            ToPort: 5432,
            UserIdGroupPairs: [{ GroupId: id('security-group', 'web') }],
          },
        ],
      }),
    );
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId,
        CidrBlock: '10.0.99.0/24',
        TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'Name', Value: 'private' }] }],
      }),
    );
    const SubnetId = Subnet?.SubnetId ?? '';
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({ VpcId, ServiceName: 'com.amazonaws.us-east-1.s3' }),
    );
    const endpointId = VpcEndpoint?.VpcEndpointId ?? '';

    const { report } = await applyPlan(context, await planInfra(context, { destroy: true }));
    const failed = new Map(
      report.results.flatMap((one) =>
        one.status === 'failed' ? [[one.id, one.error.message] as const] : [],
      ),
    );
    const owner = /owner \d{12}/;
    expect(failed.get('delete subnet/public-1')).toContain(NetworkInterfaceId);
    expect(failed.get('delete subnet/public-1')).toContain("somebody's database");
    expect(failed.get('delete subnet/public-1')).toMatch(owner);
    expect(failed.get('delete security-group/web')).toContain(`security group ${GroupId} ("theirs", owner`);
    expect([...failed.keys()].sort()).toEqual(['delete security-group/web', 'delete subnet/public-1']);
    expect(failedRun(report)?.exitCode).toBe(1);
    expect((await stackStatus(context)).resources.map(({ kind, name }) => `${kind}/${name}`).sort()).toEqual([
      'security-group/monitoring',
      'security-group/web',
      'subnet/public-1',
      'vpc/main',
    ]);

    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    const second = await applyPlan(context, await planInfra(context, { destroy: true }));
    const undone = second.report.results.filter(({ status }) => status !== 'done');
    expect(undone.map(({ id: task, status }) => [task, status])).toEqual([
      ['delete vpc/main', 'skipped'],
      ['delete security-group/monitoring', 'skipped'],
      ['delete security-group/web', 'failed'],
    ]);

    // Let go of the group; the network is still held by the subnet, the group and the endpoint.
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    const third = await applyPlan(context, await planInfra(context, { destroy: true }));
    const [why] = third.report.results.flatMap((one) => (one.status === 'failed' ? [one.error.message] : []));
    expect(why).toContain(`subnet ${SubnetId} (private, 10.0.99.0/24, owner`);
    expect(why).toContain(`VPC endpoint ${endpointId} (com.amazonaws.us-east-1.s3, owner`);

    await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [endpointId] }));
    expect((await applyPlan(context, await planInfra(context, { destroy: true }))).report.ok).toBe(true);
    expect((await stackStatus(context)).resources).toEqual([]);
  }, 30_000);

  it('leaves a second stack and the default network alone', async () => {
    const first = await desiredOf(emulator.aws('one-dev'), configOf({ project: 'one' }));
    const second = await desiredOf(emulator.aws('two-dev'), configOf({ project: 'two' }));
    await Promise.all([apply(emulator.aws('one-dev'), first), apply(emulator.aws('two-dev'), second)]);
    const usual = async (): Promise<unknown> => {
      const Filters = [{ Name: 'is-default', Values: ['true'] }];
      return (await emulator.aws().ec2.read.send(new DescribeVpcsCommand({ Filters }))).Vpcs;
    };
    const before = [await discover(kinds, emulator.aws('two-dev')), await usual()];
    await apply(emulator.aws('one-dev'), []);
    expect([await discover(kinds, emulator.aws('two-dev')), await usual()]).toEqual(before);
    expect(gist(await planOf(emulator.aws('two-dev'), second))).toEqual([]);
  }, 30_000);
});
