import {
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  type Filter,
  type NetworkInterface,
  type Tag,
} from '@aws-sdk/client-ec2';
import { CloudopsError } from '../errors.js';
import { remove } from './ensure.js';
import { codeOf } from './faults.js';
import type { Aws } from './resource.js';
import { tagKeys, tagRecord } from './tags.js';
import { pause } from './wait.js';

export interface Removal {
  readonly what: string;
  /** Selects what may hold on to it: by `vpc-id`, `subnet-id` or `group-id`. */
  readonly filter: Filter;
  /** Only interfaces with a public address hold it. */
  readonly only?: 'public';
  send(): Promise<unknown>;
  readonly signal: AbortSignal;
}

/** How long AWS may take to let go of a terminated instance's interfaces, in ms. */
const patience = 120_000;

/**
 * Deletes something that others may stand on. While only our own things hold on it waits for them to go; a foreign
 * holder is named in an error and never touched.
 */
export async function removeFrom(aws: Aws, removal: Removal): Promise<void> {
  for (let waited = 0; ; waited += 2_000) {
    try {
      await remove(aws, () => removal.send(), removal.signal);
      return;
    } catch (error) {
      if (codeOf(error) !== 'DependencyViolation') throw error;
      const holders = await foreignHolders(aws, removal);
      if (holders.length > 0 || waited >= patience) throw held(removal.what, holders, error);
      await pause(aws, 2_000, removal.signal);
    }
  }
}

/** What isn't ours and stands on the thing, in the operator's words. */
async function foreignHolders(aws: Aws, { filter, only }: Removal): Promise<string[]> {
  const usual = filter.Name === 'vpc-id' ? inNetwork : filter.Name === 'group-id' ? onGroup : onSubnet;
  const looks = only === 'public' ? [publicInterfaces] : usual;
  const found = await Promise.all(looks.map((look) => look(aws, filter).catch(() => [])));
  return [...new Set(found.flat())];
}

/** Names foreign things of one kind; one that an endpoint doesn't know holds nothing there. */
type Look = (aws: Aws, filter: Filter) => Promise<string[]>;

const isForeign = (aws: Aws, tags: readonly Tag[] | undefined): boolean =>
  tagRecord(tags)[tagKeys.stack] !== aws.stack;

/** `subnet subnet-1 "theirs"`: with the name that its owner gave it. */
function named(kind: string, id: string | undefined, tags: readonly Tag[] | undefined, more = ''): string {
  const record = tagRecord(tags);
  const stack = record[tagKeys.stack];
  const facts = [record['Name'], more, stack === undefined ? '' : `of stack ${stack}`];
  const told = facts.filter((fact) => fact !== undefined && fact !== '').join(', ');
  return `${kind} ${id ?? ''}${told === '' ? '' : ` (${told})`}`;
}

async function foreignInterfaces(aws: Aws, filter: Filter): Promise<NetworkInterface[]> {
  const command = new DescribeNetworkInterfacesCommand({ Filters: [filter] });
  const { NetworkInterfaces = [] } = await aws.ec2.read.send(command);
  return NetworkInterfaces.filter((one) => isForeign(aws, one.TagSet));
}

const toldInterface = (one: NetworkInterface): string =>
  named(kindOfInterface(one), one.NetworkInterfaceId, one.TagSet, ownerOf(one));

const interfaces: Look = async (aws, filter) => (await foreignInterfaces(aws, filter)).map(toldInterface);

const publicInterfaces: Look = async (aws, filter) =>
  (await foreignInterfaces(aws, filter))
    .filter(({ Association }) => Association?.PublicIp !== undefined)
    .map(toldInterface);

/** Services leave their name in the interface's type or description. */
function kindOfInterface({ InterfaceType = 'interface', Description = '' }: NetworkInterface): string {
  if (/load_balancer/.test(InterfaceType) || Description.startsWith('ELB '))
    return "load balancer's interface";
  if (InterfaceType === 'natGateway' || Description.startsWith('Interface for NAT'))
    return "NAT gateway's interface";
  if (/endpoint/.test(InterfaceType)) return "VPC endpoint's interface";
  return 'network interface';
}

function ownerOf({ Attachment, Description, RequesterId, OwnerId }: NetworkInterface): string {
  const user = Attachment?.InstanceId === undefined ? '' : `of instance ${Attachment.InstanceId}, `;
  const text = Description === undefined || Description === '' ? '' : `"${Description}", `;
  return `${user}${text}owner ${RequesterId ?? OwnerId ?? 'unknown'}`;
}

const groups: Look = async (aws, filter) => {
  const command = new DescribeSecurityGroupsCommand({ Filters: [filter] });
  const { SecurityGroups = [] } = await aws.ec2.read.send(command);
  return SecurityGroups.filter((one) => one.GroupName !== 'default' && isForeign(aws, one.Tags)).map((one) =>
    named(
      'security group',
      one.GroupId,
      one.Tags,
      `"${one.GroupName ?? ''}", owner ${one.OwnerId ?? 'unknown'}`,
    ),
  );
};

/** Groups whose rules let ours in. */
const referring: Look = async (aws, { Values }) => {
  const found = await Promise.all(
    ['ip-permission.group-id', 'egress.ip-permission.group-id'].map((Name) => groups(aws, { Name, Values })),
  );
  return found.flat().map((group) => `${group}, by a rule that names it`);
};

const subnets: Look = async (aws, filter) => {
  const { Subnets = [] } = await aws.ec2.read.send(new DescribeSubnetsCommand({ Filters: [filter] }));
  return Subnets.filter((one) => isForeign(aws, one.Tags)).map((one) =>
    named('subnet', one.SubnetId, one.Tags, `${one.CidrBlock ?? ''}, owner ${one.OwnerId ?? 'unknown'}`),
  );
};

const endpoints: Look = async (aws, filter) => {
  const { VpcEndpoints = [] } = await aws.ec2.read.send(
    new DescribeVpcEndpointsCommand({ Filters: [filter] }),
  );
  return VpcEndpoints.filter((one) => isForeign(aws, one.Tags) && !/^delet/i.test(one.State ?? '')).map(
    (one) =>
      named(
        'VPC endpoint',
        one.VpcEndpointId,
        one.Tags,
        `${one.ServiceName ?? ''}, owner ${one.OwnerId ?? 'unknown'}`,
      ),
  );
};

const natGateways: Look = async (aws, filter) => {
  const { NatGateways = [] } = await aws.ec2.read.send(new DescribeNatGatewaysCommand({ Filter: [filter] }));
  return NatGateways.filter(
    (one) => isForeign(aws, one.Tags) && !/^(deleted|failed)$/.test(one.State ?? ''),
  ).map((one) => named('NAT gateway', one.NatGatewayId, one.Tags));
};

const routeTables: Look = async (aws, filter) => {
  const { RouteTables = [] } = await aws.ec2.read.send(new DescribeRouteTablesCommand({ Filters: [filter] }));
  const isMain = ({ Associations = [] }: (typeof RouteTables)[number]): boolean =>
    Associations.some(({ Main }) => Main === true);
  return RouteTables.filter((one) => !isMain(one) && isForeign(aws, one.Tags)).map((one) =>
    named('route table', one.RouteTableId, one.Tags, `owner ${one.OwnerId ?? 'unknown'}`),
  );
};

const gateways: Look = async (aws, { Values }) => {
  const Filters = [{ Name: 'attachment.vpc-id', Values }];
  const command = new DescribeInternetGatewaysCommand({ Filters });
  const { InternetGateways = [] } = await aws.ec2.read.send(command);
  return InternetGateways.filter((one) => isForeign(aws, one.Tags)).map((one) =>
    named('internet gateway', one.InternetGatewayId, one.Tags, `owner ${one.OwnerId ?? 'unknown'}`),
  );
};

const inNetwork: readonly Look[] = [
  interfaces,
  groups,
  subnets,
  endpoints,
  natGateways,
  routeTables,
  gateways,
];
const onSubnet: readonly Look[] = [interfaces];
const onGroup: readonly Look[] = [interfaces, referring];

function held(what: string, holders: readonly string[], cause: unknown): CloudopsError {
  const names = holders.length > 0 ? `Held by ${holders.join('; ')}.` : 'AWS did not say what holds it.';
  return new CloudopsError({
    code: 'STILL_IN_USE',
    what: `The ${what} can't be deleted: something that isn't part of the stack uses it.`,
    why: `${names} AWS said DependencyViolation.`,
    fix: ['Remove what holds it, then run the same command again; what is gone stays gone.'],
    cause,
  });
}
