import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteVpcCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ModifySecurityGroupRulesCommand,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf, startSandbox, type Sandbox } from './api-support.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const tagged = (type: 'vpc' | 'security-group' | 'security-group-rule', value: string) => [
  { ResourceType: type, Tags: [{ Key: 'cloudops:stack', Value: value }] },
];

async function newVpc(): Promise<string> {
  const { Vpc } = await sandbox.ec2.send(
    new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', TagSpecifications: tagged('vpc', 'a-dev') }),
  );
  return Vpc!.VpcId!;
}

const subnet = (VpcId: string, CidrBlock: string) =>
  sandbox.ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }));
const tcp = (port: number, CidrIp: string) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
});

describe('VPCs', () => {
  it('makes one with its tags, main route table, default group, and finds it by wildcard', async () => {
    const id = await newVpc();
    expect(id).toMatch(/^vpc-0[0-9a-f]{16}$/);
    const { Vpcs } = await sandbox.ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: 'tag:cloudops:stack', Values: ['a-*'] }] }),
    );
    expect(Vpcs?.map((vpc) => vpc.VpcId)).toEqual([id]);
    const filter = [{ Name: 'vpc-id', Values: [id] }];
    const tables = await sandbox.ec2.send(new DescribeRouteTablesCommand({ Filters: filter }));
    expect(tables.RouteTables?.[0]?.Associations?.[0]?.Main).toBe(true);
    const groups = await sandbox.ec2.send(new DescribeSecurityGroupsCommand({ Filters: filter }));
    expect(groups.SecurityGroups?.map((group) => group.GroupName)).toEqual(['default']);
    const tags = await sandbox.ec2.send(
      new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['cloudops:stack'] }] }),
    );
    expect(tags.Tags).toEqual([
      { Key: 'cloudops:stack', Value: 'a-dev', ResourceId: id, ResourceType: 'vpc' },
    ]);
  });

  it('refuses a fifth one beside the default VPC, a wrong range, an unknown filter, two attributes', async () => {
    for (let n = 0; n < 4; n++) await newVpc();
    expect(await codeOf(newVpc())).toBe('VpcLimitExceeded');
    expect(await codeOf(sandbox.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/8' })))).toBe(
      'InvalidVpc.Range',
    );
    const unknown = new DescribeVpcsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] });
    expect(await codeOf(sandbox.ec2.send(unknown))).toBe('InvalidParameterValue');
    expect(
      await codeOf(sandbox.ec2.send(new DescribeVpcsCommand({ VpcIds: ['vpc-0123456789abcdef0'] }))),
    ).toBe('InvalidVpcID.NotFound');
  });

  it('does nothing on DryRun', async () => {
    const dry = sandbox.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', DryRun: true }));
    expect(await codeOf(dry)).toBe('DryRunOperation');
    expect((await sandbox.ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
  });

  it('changes one attribute a call', async () => {
    const VpcId = await newVpc();
    const both = { EnableDnsSupport: { Value: true }, EnableDnsHostnames: { Value: true } };
    expect(await codeOf(sandbox.ec2.send(new ModifyVpcAttributeCommand({ VpcId, ...both })))).toBe(
      'InvalidParameterCombination',
    );
    await sandbox.ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    const after = await sandbox.ec2.send(
      new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' }),
    );
    expect(after.EnableDnsHostnames?.Value).toBe(true);
  });

  it('keeps regions apart and gives pages', async () => {
    await newVpc();
    const west = sandbox.ec2In('us-west-2');
    expect((await west.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
    for (let n = 0; n < 3; n++) await newVpc();
    await sandbox.ec2In('us-west-2').send(new DescribeVpcsCommand({}));
    const wrong = new DescribeVpcsCommand({ MaxResults: 4 });
    expect(await codeOf(sandbox.ec2.send(wrong))).toBe('InvalidParameterValue');
    const tags = await sandbox.ec2.send(new DescribeTagsCommand({ MaxResults: 5 }));
    expect(tags.Tags).toHaveLength(4);
    expect(tags.NextToken).toBeUndefined();
  });
});

describe('subnets, gateways and routes', () => {
  it('refuses what overlaps or lies outside, and deletes only an empty VPC', async () => {
    const VpcId = await newVpc();
    await subnet(VpcId, '10.0.1.0/24');
    expect(await codeOf(subnet(VpcId, '10.0.1.128/25'))).toBe('InvalidSubnet.Conflict');
    expect(await codeOf(subnet(VpcId, '10.1.0.0/24'))).toBe('InvalidSubnet.Range');
    expect(await codeOf(sandbox.ec2.send(new DeleteVpcCommand({ VpcId })))).toBe('DependencyViolation');
  });

  it('routes through an attached gateway, one table a subnet', async () => {
    const VpcId = await newVpc();
    const { Subnet } = await subnet(VpcId, '10.0.1.0/24');
    const { InternetGateway } = await sandbox.ec2.send(new CreateInternetGatewayCommand({}));
    const GatewayId = InternetGateway!.InternetGatewayId!;
    const attach = () =>
      sandbox.ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
    await attach();
    expect(await codeOf(attach())).toBe('Resource.AlreadyAssociated');
    const create = () => sandbox.ec2.send(new CreateRouteTableCommand({ VpcId, ClientToken: 'one' }));
    const RouteTableId = (await create()).RouteTable!.RouteTableId!;
    expect((await create()).RouteTable?.RouteTableId).toBe(RouteTableId);
    const DestinationCidrBlock = '0.0.0.0/0';
    await sandbox.ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, GatewayId }));
    const SubnetId = Subnet!.SubnetId!;
    await sandbox.ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    const other = await sandbox.ec2.send(new CreateRouteTableCommand({ VpcId }));
    const second = new AssociateRouteTableCommand({
      RouteTableId: other.RouteTable!.RouteTableId!,
      SubnetId,
    });
    expect(await codeOf(sandbox.ec2.send(second))).toBe('Resource.AlreadyAssociated');
    expect(await codeOf(sandbox.ec2.send(new DeleteRouteTableCommand({ RouteTableId })))).toBe(
      'DependencyViolation',
    );
  });
});

describe('security groups', () => {
  const newGroup = async (VpcId: string, GroupName: string): Promise<string> => {
    const command = new CreateSecurityGroupCommand({ VpcId, GroupName, Description: 'd' });
    return (await sandbox.ec2.send(command)).GroupId!;
  };
  const authorize = (GroupId: string, IpPermissions: ReturnType<typeof tcp>[]) =>
    sandbox.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));

  it('refuses a request that repeats a rule as a whole, and writes CIDRs canonically', async () => {
    const VpcId = await newVpc();
    const GroupId = await newGroup(VpcId, 'web');
    expect(await codeOf(newGroup(VpcId, 'WEB'))).toBe('InvalidGroup.Duplicate');
    const made = await authorize(GroupId, [tcp(22, '10.0.0.5/16'), tcp(80, '0.0.0.0/0')]);
    expect(made.SecurityGroupRules?.map((rule) => rule.CidrIpv4)).toEqual(['10.0.0.0/16', '0.0.0.0/0']);
    expect(await codeOf(authorize(GroupId, [tcp(443, '0.0.0.0/0'), tcp(22, '10.0.0.0/16')]))).toBe(
      'InvalidPermission.Duplicate',
    );
    const { SecurityGroups } = await sandbox.ec2.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }),
    );
    expect(SecurityGroups?.[0]?.IpPermissions?.map((one) => one.FromPort)).toEqual([22, 80]);
  });

  it('changes and revokes rules by id', async () => {
    const GroupId = await newGroup(await newVpc(), 'web');
    const made = await authorize(GroupId, [tcp(22, '10.0.0.0/16')]);
    const SecurityGroupRuleId = made.SecurityGroupRules![0]!.SecurityGroupRuleId!;
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 23, ToPort: 23, CidrIpv4: '10.0.0.0/8' };
    await sandbox.ec2.send(
      new ModifySecurityGroupRulesCommand({
        GroupId,
        SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
      }),
    );
    const ids = { SecurityGroupRuleIds: [SecurityGroupRuleId] };
    const read = await sandbox.ec2.send(new DescribeSecurityGroupRulesCommand(ids));
    expect(read.SecurityGroupRules?.[0]).toMatchObject(SecurityGroupRule);
    await sandbox.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, ...ids }));
    expect(await codeOf(sandbox.ec2.send(new DescribeSecurityGroupRulesCommand(ids)))).toBe(
      'InvalidSecurityGroupRuleId.NotFound',
    );
  });

  it('holds on to a group that another names', async () => {
    const VpcId = await newVpc();
    const mon = await newGroup(VpcId, 'mon');
    const web = await newGroup(VpcId, 'web');
    const fromMon = { IpProtocol: 'tcp', FromPort: 1, ToPort: 1, UserIdGroupPairs: [{ GroupId: mon }] };
    await sandbox.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: web, IpPermissions: [fromMon] }),
    );
    expect(await codeOf(sandbox.ec2.send(new DeleteSecurityGroupCommand({ GroupId: mon })))).toBe(
      'DependencyViolation',
    );
    await sandbox.ec2.send(new DeleteSecurityGroupCommand({ GroupId: web }));
    await sandbox.ec2.send(new DeleteSecurityGroupCommand({ GroupId: mon }));
    await sandbox.ec2.send(new DeleteVpcCommand({ VpcId }));
  });
});
