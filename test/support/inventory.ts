import {
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import { ListInstanceProfilesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import type { describe } from '@jest/globals';
import type { Aws } from '../../src/infra/resource.js';
import type { Emulator } from './aws-at.js';

/** Something that speaks AWS's protocols, for a suite that counts what exists. */
export interface Endpoint {
  readonly name: string;
  readonly start: () => Promise<Emulator>;
  readonly suite: typeof describe | typeof describe.skip;
  /** Kinds that it keeps although AWS would remove them by itself. */
  readonly forgets?: readonly string[];
}

/** Ids of everything in the region (IAM: the account) by kind, tagged or not. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

const ids = <T>(list: readonly T[] | undefined, idOf: (one: T) => string | undefined): string[] =>
  (list ?? []).flatMap((one) => idOf(one) ?? []).sort();

const living = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };

/** Lists everything there is, by nothing but AWS's own describes: what lost its tags is seen too. */
export async function takeInventory({ ec2, iam }: Aws): Promise<Inventory> {
  const [vpcs, subnets, gateways, tables, groups, pairs, reservations, volumes, interfaces, roles, profiles] =
    await Promise.all([
      ec2.read.send(new DescribeVpcsCommand({})),
      ec2.read.send(new DescribeSubnetsCommand({})),
      ec2.read.send(new DescribeInternetGatewaysCommand({})),
      ec2.read.send(new DescribeRouteTablesCommand({})),
      ec2.read.send(new DescribeSecurityGroupsCommand({})),
      ec2.read.send(new DescribeKeyPairsCommand({})),
      ec2.read.send(new DescribeInstancesCommand({ Filters: [living] })),
      ec2.read.send(new DescribeVolumesCommand({})),
      ec2.read.send(new DescribeNetworkInterfacesCommand({})),
      iam.read.send(new ListRolesCommand({})),
      iam.read.send(new ListInstanceProfilesCommand({})),
    ]);
  const instances = (reservations.Reservations ?? []).flatMap((one) => one.Instances ?? []);
  return {
    vpc: ids(vpcs.Vpcs, (one) => one.VpcId),
    subnet: ids(subnets.Subnets, (one) => one.SubnetId),
    'internet-gateway': ids(gateways.InternetGateways, (one) => one.InternetGatewayId),
    'route-table': ids(tables.RouteTables, (one) => one.RouteTableId),
    'security-group': ids(groups.SecurityGroups, (one) => one.GroupId),
    'key-pair': ids(pairs.KeyPairs, (one) => one.KeyName),
    instance: ids(instances, (one) => one.InstanceId),
    volume: ids(volumes.Volumes, (one) => one.VolumeId),
    'network-interface': ids(interfaces.NetworkInterfaces, (one) => one.NetworkInterfaceId),
    role: ids(roles.Roles, (one) => one.RoleName),
    'instance-profile': ids(profiles.InstanceProfiles, (one) => one.InstanceProfileName),
  };
}

/** How many of each kind are there beyond what was `before`; kinds with none, and those left out, don't appear. */
export function counted(
  now: Inventory,
  before: Inventory,
  leftOut: readonly string[] = [],
): Record<string, number> {
  const fresh = Object.entries(now).map(([kind, list]): [string, number] => [
    kind,
    list.filter((id) => before[kind]?.includes(id) !== true).length,
  ]);
  return without(Object.fromEntries(fresh.filter(([, count]) => count > 0)), leftOut);
}

/** The counts of all other kinds. */
export function without(counts: Readonly<Record<string, number>>, kinds: readonly string[]) {
  return Object.fromEntries(Object.entries(counts).filter(([kind]) => !kinds.includes(kind)));
}

/** What one stack of two hosts is: the VPC brings its main route table and its default group along. */
export const oneStack: Readonly<Record<string, number>> = {
  vpc: 1,
  subnet: 2,
  'internet-gateway': 1,
  'route-table': 2,
  'security-group': 3,
  'key-pair': 1,
  instance: 2,
  volume: 2,
  'network-interface': 2,
  role: 1,
  'instance-profile': 1,
};
