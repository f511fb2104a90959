import { newId, steadyId } from '../ids.js';
import type { Ec2Region, Group, RouteTable, Subnet, Tags, Vpc } from './model.js';
import { zonesOf } from './zone-catalogue.js';

/** A region as a new account has it: a default VPC with a public subnet in every zone. */
export function newRegion(region: string): Ec2Region {
  const state: Ec2Region = {
    vpcs: {},
    subnets: {},
    gateways: {},
    routeTables: {},
    groups: {},
    acls: {},
    keyPairs: {},
    volumes: {},
    interfaces: {},
    instances: {},
  };
  addDefaultVpc(state, region);
  return state;
}

function addDefaultVpc(state: Ec2Region, region: string): void {
  const id = steadyId('vpc', `default ${region}`);
  const table = addVpc(state, { id, cidr: '172.31.0.0/16', isDefault: true, tenancy: 'default', tags: {} });
  const gatewayId = steadyId('igw', `default ${region}`);
  state.gateways[gatewayId] = { id: gatewayId, vpcId: id, tags: {} };
  table.routes.push(route('0.0.0.0/0', gatewayId));
  zonesOf(region).forEach((zone, index) => {
    const subnetId = steadyId('subnet', `default ${zone}`);
    const cidr = `172.31.${index * 16}.0/20`;
    addSubnet(state, { id: subnetId, vpcId: id, cidr, zone, isDefault: true, mapPublicIp: true, tags: {} });
  });
}

const route = (destination: string, gatewayId: string): RouteTable['routes'][number] => ({
  destination,
  gatewayId,
  networkInterfaceId: undefined,
  instanceId: undefined,
  origin: gatewayId === 'local' ? 'CreateRouteTable' : 'CreateRoute',
});

/** A VPC with what AWS makes along with it: main route table, default group, default network ACL. */
export function addVpc(
  state: Ec2Region,
  vpc: { id: string; cidr: string; isDefault: boolean; tenancy: string; tags: Tags },
): RouteTable {
  const made: Vpc = {
    ...vpc,
    cidrAssociationId: newId('vpc-cidr-assoc'),
    dnsSupport: true,
    dnsHostnames: vpc.isDefault,
    addressMetrics: false,
  };
  state.vpcs[vpc.id] = made;
  const aclId = newId('acl');
  state.acls[aclId] = { id: aclId, vpcId: vpc.id, tags: {} };
  const group = newGroup(vpc.id, 'default', 'default VPC security group', {});
  const self = { id: newId('sgr'), egress: false, protocol: '-1', group: group.id, tags: {} };
  group.rules.unshift(self);
  state.groups[group.id] = group;
  const table = newRouteTable(made, undefined, {});
  table.associations.push({ id: newId('rtbassoc'), subnetId: undefined, main: true });
  state.routeTables[table.id] = table;
  return table;
}

export function newRouteTable(vpc: Vpc, clientToken: string | undefined, tags: Tags): RouteTable {
  return {
    id: newId('rtb'),
    vpcId: vpc.id,
    clientToken,
    associations: [],
    routes: [route(vpc.cidr, 'local')],
    tags,
  };
}

/** A group that lets everything out and nothing in. */
export function newGroup(vpcId: string, name: string, description: string, tags: Tags): Group {
  const everywhere = { id: newId('sgr'), egress: true, protocol: '-1', cidr4: '0.0.0.0/0', tags: {} };
  return { id: newId('sg'), name, description, vpcId, rules: [everywhere], tags };
}

export function addSubnet(
  state: Ec2Region,
  subnet: Pick<Subnet, 'id' | 'vpcId' | 'cidr' | 'zone' | 'isDefault' | 'mapPublicIp' | 'tags'>,
): Subnet {
  const made: Subnet = {
    ...subnet,
    assignIpv6: false,
    dns64: false,
    hostnameType: 'ip-name',
    dnsARecord: false,
    dnsAaaaRecord: false,
  };
  state.subnets[subnet.id] = made;
  return made;
}
