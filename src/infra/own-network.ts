import {
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type RouteTable,
  type Subnet,
} from '@aws-sdk/client-ec2';
import type { Config } from '../config/schema.js';
import { CloudopsError, exitCodes } from '../errors.js';
import { isGone } from './faults.js';
import type { Aws } from './resource.js';

/** A network that exists and isn't the stack's: read, used, never tagged, changed or deleted. */
export interface OwnNetwork {
  readonly vpcId: string;
  readonly cidr: string;
  /** In the order of the config. */
  readonly subnets: readonly OwnSubnet[];
  /** What the operator should know before hosts go there. */
  readonly warnings: readonly string[];
}

export interface OwnSubnet {
  readonly id: string;
  readonly zone: string;
}

/** Reads and checks the network that the config names; undefined when it names none. Three calls, all at once. */
export async function readOwnNetwork(
  aws: Aws,
  { vpcId, subnetIds }: Config['network'],
): Promise<OwnNetwork | undefined> {
  if (vpcId === undefined || subnetIds === undefined) return undefined;
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const [vpcs, subnets, tables] = await Promise.all([
    found(aws.ec2.read.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }))),
    found(aws.ec2.read.send(new DescribeSubnetsCommand({ SubnetIds: [...subnetIds] }))),
    aws.ec2.read.send(new DescribeRouteTablesCommand({ Filters })),
  ]);
  const vpc = vpcs?.Vpcs?.[0];
  if (vpc === undefined) throw missing('network.vpcId', `There is no VPC ${vpcId} in ${aws.region}.`);
  const ordered = subnetIds.map((id) => subnetOf(id, vpcId, subnets?.Subnets ?? []));
  return {
    vpcId,
    cidr: vpc.CidrBlock ?? '',
    subnets: ordered.map((one) => ({ id: one.SubnetId ?? '', zone: one.AvailabilityZone ?? '' })),
    warnings: ordered.flatMap((one) => warningsOn(one, tables.RouteTables ?? [])),
  };
}

/** An answer, or undefined where AWS doesn't know what it was asked for. */
async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function subnetOf(id: string, vpcId: string, all: readonly Subnet[]): Subnet {
  const subnet = all.find((one) => one.SubnetId === id);
  if (subnet === undefined) throw missing('network.subnetIds', `The subnet ${id} was not found.`);
  if (subnet.VpcId === vpcId) return subnet;
  throw missing('network.subnetIds', `The subnet ${id} is in ${subnet.VpcId ?? 'no VPC'}, not in ${vpcId}.`);
}

function missing(key: string, why: string): CloudopsError {
  return new CloudopsError({
    code: 'OWN_NETWORK',
    what: `The network that cloudops.yaml names can't be used; nothing was changed.`,
    why,
    fix: [
      `Correct '${key}' in cloudops.yaml, or use another '--region' or '--profile'.`,
      "Or remove 'network.vpcId' and 'network.subnetIds': cloudops makes a network then.",
    ],
    exit: exitCodes.usage,
  });
}

/** How a subnet reaches the internet decides what hosts in it can do. */
function warningsOn(subnet: Subnet, tables: readonly RouteTable[]): string[] {
  const id = subnet.SubnetId ?? '';
  const way = defaultRoute(id, tables);
  if (way === undefined)
    return [`${id} has no route to the internet: hosts there can't fetch packages, nor be reached from it.`];
  if (!way.startsWith('igw-'))
    return [
      `${id} leaves through ${way}, not an internet gateway: hosts there can't be reached from outside.`,
    ];
  if (subnet.MapPublicIpOnLaunch === true) return [];
  return [`${id} gives its hosts no public address: they are reached by their private ones.`];
}

/** Where a subnet's traffic to everywhere goes, by its own table or the VPC's main one. */
function defaultRoute(subnetId: string, tables: readonly RouteTable[]): string | undefined {
  const has = (one: RouteTable, test: 'own' | 'main'): boolean =>
    (one.Associations ?? []).some((link) =>
      test === 'own' ? link.SubnetId === subnetId : link.Main === true,
    );
  const table = tables.find((one) => has(one, 'own')) ?? tables.find((one) => has(one, 'main'));
  const route = table?.Routes?.find((one) => one.DestinationCidrBlock === '0.0.0.0/0');
  if (route === undefined || route.State === 'blackhole') return undefined;
  return (
    route.GatewayId ??
    route.NatGatewayId ??
    route.TransitGatewayId ??
    route.NetworkInterfaceId ??
    route.VpcPeeringConnectionId ??
    'something'
  );
}
