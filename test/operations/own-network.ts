import {
  CreateInternetGatewayCommand,
  AttachInternetGatewayCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeKeyPairsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  ImportKeyPairCommand,
  ModifySubnetAttributeCommand,
} from '@aws-sdk/client-ec2';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKeyPair } from '../../src/infra/key-file.js';
import type { Aws } from '../../src/infra/resource.js';
import { applyPlan } from '../../src/operations/apply-plan.js';
import { findHosts } from '../../src/operations/find-hosts.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { stackOutputs } from '../../src/operations/stack-outputs.js';
import type { Emulator } from '../support/aws-at.js';
import { contextAt } from '../support/context.js';
import { recorder } from '../support/events.js';
import { gist } from '../support/stack.js';

interface Theirs {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
}

/** A network that somebody else made: two subnets in two zones, the second without public addresses. */
async function theirNetwork({ ec2: { write: ec2 } }: Aws): Promise<Theirs> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '172.20.0.0/16' }));
  const VpcId = Vpc?.VpcId ?? '';
  const subnetIds = [];
  for (const [index, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
    const place = { VpcId, CidrBlock: `172.20.${index}.0/24`, AvailabilityZone: zone };
    const { Subnet } = await ec2.send(new CreateSubnetCommand(place));
    subnetIds.push(Subnet?.SubnetId ?? '');
  }
  const SubnetId = subnetIds[0];
  await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
  return { vpcId: VpcId, subnetIds };
}

async function openToTheInternet({ ec2: { write: ec2 } }: Aws, { vpcId }: Theirs): Promise<void> {
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId: vpcId }));
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
  const RouteTableId = RouteTables?.[0]?.RouteTableId;
  await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }));
}

/** Everything about what isn't ours: equal before and after, or something was touched. */
async function portrait({ ec2: { read: ec2 } }: Aws, { vpcId }: Theirs): Promise<unknown> {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const [vpc, subnets, tables, groups, keys, tags] = await Promise.all([
    ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] })),
    ec2.send(new DescribeSubnetsCommand({ Filters })),
    ec2.send(new DescribeRouteTablesCommand({ Filters })),
    ec2.send(new DescribeSecurityGroupsCommand({ Filters })),
    ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['their key/1'] })),
    ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-type', Values: ['vpc', 'subnet'] }] })),
  ]);
  return [
    vpc.Vpcs,
    subnets.Subnets?.map(({ AvailableIpAddressCount: _, ...rest }) => rest),
    tables.RouteTables,
    groups.SecurityGroups,
    keys.KeyPairs,
    tags.Tags,
  ];
}

/** What a network and a key of the operator's can count on. */
export function ownNetwork(
  name: string,
  start: () => Promise<Emulator>,
  suite: typeof describe | typeof describe.skip,
): void {
  suite(`a network and a key that exist, on ${name}`, () => {
    let emulator: Emulator;
    let theirs: Theirs;
    let stateDir: string;
    beforeAll(async () => {
      emulator = await start();
      const aws = emulator.aws();
      theirs = await theirNetwork(aws);
      const PublicKeyMaterial = Buffer.from(newKeyPair('theirs').publicKey);
      await aws.ec2.write.send(new ImportKeyPairCommand({ KeyName: 'their key/1', PublicKeyMaterial }));
      stateDir = join(await mkdtemp(join(tmpdir(), 'cloudops-own-')), 'stack');
    }, 60_000);
    afterAll(() => emulator.close());
    const values = (more: object = {}): object => ({
      network: theirs,
      ssh: { keyName: 'their key/1' },
      application: { count: 2 },
      ...more,
    });

    it('warns of subnets without a way out or public addresses', async () => {
      const { on, events } = recorder();
      await planInfra(contextAt(emulator, { stateDir, values: values(), on }));
      const warned = events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
      expect(warned).toHaveLength(2);
      expect(warned[0]).toContain(`${theirs.subnetIds[0] ?? ''} has no route to the internet`);
      await openToTheInternet(emulator.aws(), theirs);
      await planInfra(contextAt(emulator, { stateDir, values: values(), on }));
      expect(events.slice(2)).toEqual([
        expect.objectContaining({ message: expect.stringContaining('no public address') }),
      ]);
    });

    it('are used, never made, tagged, changed or deleted', async () => {
      const before = await portrait(emulator.aws(), theirs);
      const context = contextAt(emulator, { stateDir, values: values() });
      const planned = await planInfra(context);
      expect(planned.changes.map(({ kind }) => kind).sort()).toEqual([
        'instance',
        'instance',
        'instance',
        'instance-profile',
        'role',
        'security-group',
        'security-group',
      ]);
      expect((await applyPlan(context, planned)).report.ok).toBe(true);
      expect(gist(await planInfra(context))).toEqual([]);
      const outputs = await stackOutputs(context);
      expect(outputs).toMatchObject({
        vpcId: theirs.vpcId,
        subnetIds: theirs.subnetIds,
        keyName: 'their key/1',
      });
      expect(outputs.applications.map(({ ssh }) => ssh)).toEqual([
        expect.stringContaining('@172.20.1.'),
        expect.not.stringContaining('@172.20.'),
      ]);
      expect(await findHosts(context, { applications: [] })).toHaveLength(3);
      const gone = await planInfra(context, { destroy: true });
      expect((await applyPlan(context, gone)).report.ok).toBe(true);
      expect(await portrait(emulator.aws(), theirs)).toEqual(before);
    }, 30_000);

    it.each([
      ['a VPC that is not there', () => ({ ...theirs, vpcId: 'vpc-0123456789abcdef0' }), 'OWN_NETWORK'],
      [
        'a subnet that is not there',
        () => ({ ...theirs, subnetIds: ['subnet-0123456789abcdef0'] }),
        'OWN_NETWORK',
      ],
    ])('refuse %s', async (_, network, code) => {
      const context = contextAt(emulator, { stateDir, values: values({ network: network() }) });
      await expect(planInfra(context)).rejects.toMatchObject({ code, exitCode: 2 });
    });

    it('refuse a subnet of another VPC and a key pair that is not there', async () => {
      const other = await theirNetwork(emulator.aws());
      const network = { vpcId: theirs.vpcId, subnetIds: other.subnetIds };
      await expect(
        planInfra(contextAt(emulator, { stateDir, values: values({ network }) })),
      ).rejects.toMatchObject({ code: 'OWN_NETWORK', message: expect.stringContaining('not in vpc-') });
      await expect(
        planInfra(contextAt(emulator, { stateDir, values: values({ ssh: { keyName: 'nobody' } }) })),
      ).rejects.toMatchObject({ code: 'OWN_KEY_PAIR', exitCode: 2 });
    });

    it('import a public key of the operator, and see when it is another one', async () => {
      const paths = await Promise.all(
        ['one', 'other'].map(async (comment) => {
          const path = join(tmpdir(), `cloudops-${comment}-${process.pid}.pub`);
          await writeFile(path, `${newKeyPair(comment).publicKey}\n`);
          return path;
        }),
      );
      const [one = '', other = ''] = paths;
      const context = (publicKeyPath: string) =>
        contextAt(emulator, {
          stateDir,
          stack: 'keys-dev',
          values: { project: 'keys', ssh: { publicKeyPath } },
        });
      expect((await applyPlan(context(one), await planInfra(context(one)))).report.ok).toBe(true);
      expect(gist(await planInfra(context(one)))).toEqual([]);
      expect((await stackOutputs(context(one))).privateKeyPath).toBe(one.slice(0, -4));
      expect(gist(await planInfra(context(other)))).toEqual([
        'replace key-pair/main: publicKey',
        'replace instance/monitoring: key',
        'replace instance/application-1: key',
      ]);
      await expect(planInfra(context('/nowhere.pub'))).rejects.toMatchObject({
        code: 'PUBLIC_KEY',
        exitCode: 2,
      });
      await applyPlan(context(one), await planInfra(context(one), { destroy: true }));
    }, 30_000);
  });
}
