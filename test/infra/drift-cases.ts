import {
  AssociateIamInstanceProfileCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateTagsCommand,
  DeleteInternetGatewayCommand,
  DeleteKeyPairCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteTagsCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateIamInstanceProfileCommand,
  DisassociateRouteTableCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  ModifyInstanceCreditSpecificationCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifySubnetAttributeCommand,
  ModifyVolumeCommand,
  ModifyVpcAttributeCommand,
  ReplaceRouteTableAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { Aws } from '../../src/infra/resource.js';

/** What a case works with: clients, and the ids of what exists. */
export interface Hand {
  readonly aws: Aws;
  readonly id: (address: string) => string;
}

/** One change made behind our back. */
export interface DriftCase {
  readonly what: string;
  make(hand: Hand): Promise<unknown>;
  /** Takes away what would stay behind. */
  clear?(hand: Hand): Promise<unknown>;
  /** Every change that the plan must have, as `gist` puts it. */
  readonly plan: readonly string[];
  /** What moto shows instead, and why. */
  readonly onMoto?: { readonly plan: readonly string[]; readonly because: string };
  /** The first field, from what to what; left out where something is made anew. */
  readonly field?: readonly [from: unknown, to: unknown];
  /** Why moto can't show it. */
  readonly notOnMoto?: string;
}

const tag =
  (address: string, Key: string, Value: string) =>
  async ({ aws, id }: Hand) => {
    const Resources = [await taggable(aws, address, id(address))];
    await aws.ec2.write.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value }] }));
  };

const untag =
  (address: string, Key: string) =>
  async ({ aws, id }: Hand) => {
    const Resources = [await taggable(aws, address, id(address))];
    await aws.ec2.write.send(new DeleteTagsCommand({ Resources, Tags: [{ Key }] }));
  };

/** Key pairs are tagged by their id, which isn't their name. */
async function taggable({ ec2 }: Aws, address: string, id: string): Promise<string> {
  if (!address.startsWith('key-pair/')) return id;
  const { KeyPairs } = await ec2.read.send(new DescribeKeyPairsCommand({ KeyNames: [id] }));
  return KeyPairs?.[0]?.KeyPairId ?? '';
}

async function instanceOf({ aws, id }: Hand, address: string): Promise<Instance | undefined> {
  const command = new DescribeInstancesCommand({ InstanceIds: [id(address)] });
  return (await aws.ec2.read.send(command)).Reservations?.[0]?.Instances?.[0];
}

async function volumeOf(hand: Hand, address: string): Promise<string> {
  return (await instanceOf(hand, address))?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
}

const rule = (port: number, CidrIp: string, Description?: string) => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp, ...(Description !== undefined && { Description }) }],
});

const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];

const metadata = (options: object) => async (hand: Hand) => {
  const InstanceId = hand.id('instance/application-1');
  const before = (await instanceOf(hand, 'instance/application-1'))?.MetadataOptions;
  const { HttpTokens, HttpEndpoint, HttpPutResponseHopLimit } = before ?? {};
  const input = { InstanceId, HttpTokens, HttpEndpoint, HttpPutResponseHopLimit, ...options };
  await hand.aws.ec2.write.send(new ModifyInstanceMetadataOptionsCommand(input));
};

async function stop(hand: Hand, address: string): Promise<string> {
  const InstanceId = hand.id(address);
  await hand.aws.ec2.write.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
  while ((await instanceOf(hand, address))?.State?.Name !== 'stopped')
    await new Promise((resolve) => setTimeout(resolve, 5));
  return InstanceId;
}

async function associationOf({ aws }: Hand, InstanceId: string): Promise<string | undefined> {
  const Filters = [{ Name: 'instance-id', Values: [InstanceId] }];
  const command = new DescribeIamInstanceProfileAssociationsCommand({ Filters });
  const { IamInstanceProfileAssociations = [] } = await aws.ec2.read.send(command);
  return IamInstanceProfileAssociations.at(-1)?.AssociationId;
}

async function tableLinks({ aws, id }: Hand): Promise<{ link: string; subnet: string }[]> {
  const command = new DescribeRouteTablesCommand({ RouteTableIds: [id('route-table/public')] });
  const { RouteTables } = await aws.ec2.read.send(command);
  return (RouteTables?.[0]?.Associations ?? []).map((one) => ({
    link: one.RouteTableAssociationId ?? '',
    subnet: one.SubnetId ?? '',
  }));
}

async function linkOf(hand: Hand, address: string): Promise<string> {
  return (await tableLinks(hand)).find(({ subnet }) => subnet === hand.id(address))?.link ?? '';
}

const network: readonly DriftCase[] = [
  {
    what: 'DNS names are switched off',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new ModifyVpcAttributeCommand({ VpcId: id('vpc/main'), EnableDnsHostnames: { Value: false } }),
      ),
    plan: ['update vpc/main: dnsHostnames'],
    field: [false, true],
  },
  {
    what: 'DNS is switched off',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new ModifyVpcAttributeCommand({ VpcId: id('vpc/main'), EnableDnsSupport: { Value: false } }),
      ),
    plan: ['update vpc/main: dnsSupport'],
    field: [false, true],
  },
  {
    what: 'a subnet gives no public addresses any more',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new ModifySubnetAttributeCommand({
          SubnetId: id('subnet/public-1'),
          MapPublicIpOnLaunch: { Value: false },
        }),
      ),
    plan: ['update subnet/public-1: publicIps'],
    field: [false, true],
  },
  {
    what: 'the gateway is detached',
    make: async (hand) => {
      const { aws, id } = hand;
      // Public addresses would hold it.
      await Promise.all(['instance/monitoring', 'instance/application-1'].map((host) => stop(hand, host)));
      await aws.ec2.write.send(
        new DetachInternetGatewayCommand({
          InternetGatewayId: id('internet-gateway/main'),
          VpcId: id('vpc/main'),
        }),
      );
    },
    plan: ['update internet-gateway/main: vpc', 'update route-table/public: routes.0.0.0.0/0'],
    field: [undefined, 'vpc/main'],
    onMoto: { plan: ['update internet-gateway/main: vpc'], because: 'routes stay active' },
  },
  {
    what: 'the gateway is deleted',
    make: async ({ aws, id }) => {
      const InternetGatewayId = id('internet-gateway/main');
      await aws.ec2.write.send(
        new DetachInternetGatewayCommand({ InternetGatewayId, VpcId: id('vpc/main') }),
      );
      await aws.ec2.write.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    },
    plan: ['create internet-gateway/main: vpc, tags', 'update route-table/public: routes.0.0.0.0/0'],
  },
  {
    what: 'the way out is deleted',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new DeleteRouteCommand({ RouteTableId: id('route-table/public'), DestinationCidrBlock: '0.0.0.0/0' }),
      ),
    plan: ['update route-table/public: routes.0.0.0.0/0'],
    field: [undefined, 'internet-gateway/main'],
  },
  {
    what: 'a route is added',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new CreateRouteCommand({
          RouteTableId: id('route-table/public'),
          DestinationCidrBlock: '198.51.100.0/24',
          GatewayId: id('internet-gateway/main'),
        }),
      ),
    plan: ['update route-table/public: routes.198.51.100.0/24'],
    field: ['internet-gateway/main', undefined],
  },
  {
    what: 'a subnet is taken from the table',
    make: async (hand) =>
      hand.aws.ec2.write.send(
        new DisassociateRouteTableCommand({ AssociationId: await linkOf(hand, 'subnet/public-2') }),
      ),
    plan: ['update route-table/public: subnets'],
    field: [['subnet/public-1'], ['subnet/public-1', 'subnet/public-2']],
  },
  {
    what: 'a subnet is given to another table',
    make: async (hand) => {
      const { RouteTable } = await hand.aws.ec2.write.send(
        new CreateRouteTableCommand({ VpcId: hand.id('vpc/main') }),
      );
      const AssociationId = await linkOf(hand, 'subnet/public-1');
      const RouteTableId = RouteTable?.RouteTableId;
      await hand.aws.ec2.write.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId }));
    },
    clear: async ({ aws, id }) => {
      const Filters = [{ Name: 'vpc-id', Values: [id('vpc/main')] }];
      const { RouteTables = [] } = await aws.ec2.write.send(new DescribeRouteTablesCommand({ Filters }));
      const strange = RouteTables.filter((one) => one.Tags?.length === 0 && one.Associations?.length === 0);
      for (const { RouteTableId } of strange)
        await aws.ec2.write.send(new DeleteRouteTableCommand({ RouteTableId }));
    },
    plan: ['update route-table/public: subnets'],
    field: [['subnet/public-2'], ['subnet/public-1', 'subnet/public-2']],
  },
];

const groups: readonly DriftCase[] = [
  {
    what: 'a port is opened to the world',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: id('security-group/monitoring'),
          IpPermissions: [rule(9090, '0.0.0.0/0', 'quick fix')],
        }),
      ),
    plan: ['update security-group/monitoring: ingress.tcp 9090 from 0.0.0.0/0'],
    field: ['quick fix', undefined],
  },
  {
    what: 'a port is closed',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new RevokeSecurityGroupIngressCommand({
          GroupId: id('security-group/web'),
          IpPermissions: [rule(443, '0.0.0.0/0')],
        }),
      ),
    plan: ['update security-group/web: ingress.tcp 443 from 0.0.0.0/0'],
    field: [undefined, 'HTTPS'],
  },
  {
    what: 'a rule between the groups is closed',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new RevokeSecurityGroupIngressCommand({
          GroupId: id('security-group/web'),
          IpPermissions: [
            {
              IpProtocol: 'tcp',
              FromPort: 9100,
              ToPort: 9100,
              // moto finds a rule by its description as well.
              UserIdGroupPairs: [
                { GroupId: id('security-group/monitoring'), Description: 'Node Exporter from Prometheus' },
              ],
            },
          ],
        }),
      ),
    plan: ['update security-group/web: ingress.tcp 9100 from security-group/monitoring'],
    field: [undefined, 'Node Exporter from Prometheus'],
  },
  {
    what: 'a rule is described otherwise',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new UpdateSecurityGroupRuleDescriptionsIngressCommand({
          GroupId: id('security-group/web'),
          IpPermissions: [rule(80, '0.0.0.0/0', 'other words')],
        }),
      ),
    plan: ['update security-group/web: ingress.tcp 80 from 0.0.0.0/0'],
    field: ['other words', 'HTTP'],
  },
  {
    what: 'the way out of a group is closed',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new RevokeSecurityGroupEgressCommand({
          GroupId: id('security-group/web'),
          IpPermissions: everything,
        }),
      ),
    plan: ['update security-group/web: egress.all to 0.0.0.0/0'],
    field: [undefined, ''],
  },
  {
    what: 'a further way out is opened',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new AuthorizeSecurityGroupEgressCommand({
          GroupId: id('security-group/web'),
          IpPermissions: [rule(25, '198.51.100.7/32')],
        }),
      ),
    plan: ['update security-group/web: egress.tcp 25 to 198.51.100.7/32'],
    field: ['', undefined],
  },
];

const profileName = 'smartcloudops-dev-us-east-1-host';
const other = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

const identity: readonly DriftCase[] = [
  {
    what: 'the key pair is deleted',
    make: ({ aws, id }) => aws.ec2.write.send(new DeleteKeyPairCommand({ KeyName: id('key-pair/main') })),
    plan: ['create key-pair/main: keyName, publicKey, tags'],
  },
  {
    what: 'the role may do more',
    make: ({ aws, id }) =>
      aws.iam.write.send(
        new PutRolePolicyCommand({
          RoleName: id('role/host'),
          PolicyName: 'cloudops',
          PolicyDocument: JSON.stringify(other),
        }),
      ),
    plan: ['update role/host: policy.Statement'],
  },
  {
    what: 'the role may do nothing',
    make: ({ aws, id }) =>
      aws.iam.write.send(new DeleteRolePolicyCommand({ RoleName: id('role/host'), PolicyName: 'cloudops' })),
    plan: ['update role/host: policy'],
  },
  {
    what: 'the role is handed to somebody else',
    make: ({ aws, id }) =>
      aws.iam.write.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: id('role/host'),
          PolicyDocument: JSON.stringify(trust),
        }),
      ),
    plan: ['update role/host: trust.Statement'],
  },
  {
    what: 'the role is tagged',
    make: ({ aws, id }) =>
      aws.iam.write.send(
        new TagRoleCommand({ RoleName: id('role/host'), Tags: [{ Key: 'Owner', Value: 'me' }] }),
      ),
    plan: ['update role/host: tags.Owner'],
    field: ['me', 'ops'],
  },
  {
    what: "the role's tag is removed",
    make: ({ aws, id }) =>
      aws.iam.write.send(new UntagRoleCommand({ RoleName: id('role/host'), TagKeys: ['Name'] })),
    plan: ['update role/host: tags.Name'],
    field: [undefined, 'smartcloudops-dev-host'],
  },
  {
    what: 'the profile loses its role',
    make: ({ aws, id }) =>
      aws.iam.write.send(
        new RemoveRoleFromInstanceProfileCommand({
          InstanceProfileName: profileName,
          RoleName: id('role/host'),
        }),
      ),
    plan: ['update instance-profile/host: role'],
    field: [undefined, 'role/host'],
  },
  {
    what: 'the profile is tagged',
    make: ({ aws }) =>
      aws.iam.write.send(
        new TagInstanceProfileCommand({
          InstanceProfileName: profileName,
          Tags: [{ Key: 'stray', Value: 'x' }],
        }),
      ),
    plan: ['update instance-profile/host: tags.stray'],
    field: ['x', undefined],
  },
  {
    what: 'the role is deleted',
    make: async ({ aws, id }) => {
      const RoleName = id('role/host');
      const InstanceProfileName = profileName;
      await aws.iam.write.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
      await aws.iam.write.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'cloudops' }));
      await aws.iam.write.send(new DeleteRoleCommand({ RoleName }));
    },
    plan: ['create role/host: roleName, trust, policy, tags', 'update instance-profile/host: role'],
  },
];

const app = 'instance/application-1';

const hosts: readonly DriftCase[] = [
  {
    what: 'a host is put into another group',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new ModifyInstanceAttributeCommand({
          InstanceId: id(app),
          Groups: [id('security-group/monitoring')],
        }),
      ),
    plan: [`update ${app}: groups`],
    field: [['security-group/monitoring'], ['security-group/web']],
  },
  {
    what: 'metadata is given without a token',
    make: metadata({ HttpTokens: 'optional' }),
    plan: [`update ${app}: metadata.tokens`],
    field: ['optional', 'required'],
  },
  {
    what: 'metadata goes further',
    make: metadata({ HttpPutResponseHopLimit: 5 }),
    plan: [`update ${app}: metadata.hopLimit`],
    field: [5, 2],
  },
  {
    what: 'metadata is switched off',
    make: metadata({ HttpEndpoint: 'disabled' }),
    plan: [`update ${app}: metadata.endpoint`],
    field: ['disabled', 'enabled'],
  },
  {
    what: 'the profile is taken from a host',
    make: async (hand) => {
      const AssociationId = await associationOf(hand, hand.id(app));
      await hand.aws.ec2.write.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
    },
    plan: [`update ${app}: profile`],
    field: [undefined, 'instance-profile/host'],
    notOnMoto: 'a launch makes no association there',
  },
  {
    what: 'another profile is given to a host',
    make: async (hand) => {
      const { id, aws } = hand;
      const InstanceProfileName = 'somebody';
      await aws.iam.write.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
      const add = { InstanceProfileName, RoleName: id('role/host') };
      await aws.iam.write.send(new AddRoleToInstanceProfileCommand(add));
      const AssociationId = await associationOf(hand, id(app));
      await aws.ec2.write.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
      const IamInstanceProfile = { Name: InstanceProfileName };
      const input = { InstanceId: id(app), IamInstanceProfile };
      await aws.ec2.write.send(new AssociateIamInstanceProfileCommand(input));
      await aws.iam.write.send(new RemoveRoleFromInstanceProfileCommand(add));
    },
    plan: [`update ${app}: profile`],
    field: ['somebody', 'instance-profile/host'],
    notOnMoto: 'a launch makes no association there',
  },
  {
    what: 'a host gets another type',
    make: async (hand) => {
      const InstanceId = await stop(hand, app);
      await hand.aws.ec2.write.send(
        new ModifyInstanceAttributeCommand({ InstanceId, InstanceType: { Value: 't3.micro' } }),
      );
    },
    plan: [`update ${app}: type`],
    field: ['t3.micro', 't3.small'],
  },
  {
    what: 'bursts are paid for',
    make: ({ aws, id }) =>
      aws.ec2.write.send(
        new ModifyInstanceCreditSpecificationCommand({
          InstanceCreditSpecifications: [{ InstanceId: id(app), CpuCredits: 'unlimited' }],
        }),
      ),
    plan: [`update ${app}: credits`],
    field: ['unlimited', 'standard'],
    notOnMoto: 'it always says standard',
  },
  {
    what: 'a volume gets another type',
    make: async (hand) =>
      hand.aws.ec2.write.send(
        new ModifyVolumeCommand({ VolumeId: await volumeOf(hand, app), VolumeType: 'gp2' }),
      ),
    plan: [`update ${app}: volume.type`],
    field: ['gp2', 'gp3'],
  },
  {
    what: 'a volume is to outlive its host',
    make: async (hand) => {
      const DeviceName = (await instanceOf(hand, app))?.BlockDeviceMappings?.[0]?.DeviceName;
      const BlockDeviceMappings = [{ DeviceName, Ebs: { DeleteOnTermination: false } }];
      const input = { InstanceId: hand.id(app), BlockDeviceMappings };
      await hand.aws.ec2.write.send(new ModifyInstanceAttributeCommand(input));
    },
    plan: [`update ${app}: volume.endsWithHost`],
    field: [false, true],
  },
  {
    what: 'a volume is tagged',
    make: async (hand) =>
      hand.aws.ec2.write.send(
        new CreateTagsCommand({
          Resources: [await volumeOf(hand, app)],
          Tags: [{ Key: 'Owner', Value: 'me' }],
        }),
      ),
    plan: [`update ${app}: volume.tags.Owner`],
    field: ['me', 'ops'],
  },
  {
    what: 'a volume loses all tags',
    make: async (hand) => {
      const Tags = ['Name', 'Owner', 'cloudops:stack'].map((Key) => ({ Key }));
      await hand.aws.ec2.write.send(new DeleteTagsCommand({ Resources: [await volumeOf(hand, app)], Tags }));
    },
    plan: [`update ${app}: volume.tags.Name, volume.tags.Owner`],
    field: [undefined, 'smartcloudops-dev-application-1'],
  },
  {
    what: 'a host is said to have another role',
    make: tag(app, 'cloudops:role', 'monitoring'),
    plan: [`update ${app}: role`],
    field: ['monitoring', 'application'],
  },
  {
    what: 'a volume has grown, and volumes do not shrink',
    make: async (hand) =>
      hand.aws.ec2.write.send(new ModifyVolumeCommand({ VolumeId: await volumeOf(hand, app), Size: 25 })),
    plan: [`replace ${app}: volume.size`],
    field: [25, 10],
  },
  {
    what: 'a host is terminated',
    make: ({ aws, id }) => aws.ec2.write.send(new TerminateInstancesCommand({ InstanceIds: [id(app)] })),
    plan: [`create ${app}: role, type, image, subnet, groups, key, profile, volume, metadata, credits, tags`],
  },
  {
    what: 'a host is merely stopped',
    make: (hand) => stop(hand, app),
    plan: [],
  },
];

const tagged = [
  'vpc/main',
  'subnet/public-1',
  'internet-gateway/main',
  'route-table/public',
  'security-group/web',
  'key-pair/main',
  'instance/monitoring',
];

const tags: readonly DriftCase[] = tagged.flatMap((address) => [
  {
    what: `${address} gets a tag`,
    make: tag(address, 'stray', 'x'),
    plan: [`update ${address}: tags.stray`],
    field: ['x', undefined],
  },
  {
    what: `${address} gets another Name`,
    make: tag(address, 'Name', 'mine'),
    plan: [`update ${address}: tags.Name`],
  },
  {
    what: `${address} loses a tag`,
    make: untag(address, 'Owner'),
    plan: [`update ${address}: tags.Owner`],
    field: [undefined, 'ops'],
  },
]);

/** A case for each attribute that the config decides, and for each thing that can be deleted behind our back. */
export const driftCases: readonly DriftCase[] = [...network, ...groups, ...identity, ...hosts, ...tags];
