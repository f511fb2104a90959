import { ApiError } from '../../protocol/api-error.js';
import { need, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { dependency, pick } from './errors.js';
import type { Ec2Region, Route, RouteTable } from './model.js';
import { newRouteTable } from './region.js';
import { tagsFor, tagSet } from './tagging.js';

const kind: Describable<RouteTable> = {
  ids: { parameter: 'RouteTableId', prefix: 'rtb', of: (table) => table.id },
  tags: (table) => table.tags,
  page: PAGE,
  filters: {
    'route-table-id': (table) => table.id,
    'vpc-id': (table) => table.vpcId,
    'owner-id': () => ACCOUNT,
    'association.main': (table) => table.associations.some((one) => one.main),
    'association.subnet-id': (table) => table.associations.map((one) => one.subnetId),
    'association.route-table-association-id': (table) => table.associations.map((one) => one.id),
    'association.route-table-id': (table) => (table.associations.length > 0 ? table.id : undefined),
    'association.gateway-id': () => undefined,
    'route.destination-cidr-block': (table) => table.routes.map((route) => route.destination),
    'route.gateway-id': (table) => table.routes.map((route) => route.gatewayId),
    'route.instance-id': (table) => table.routes.map((route) => route.instanceId),
    'route.origin': (table) => table.routes.map((route) => route.origin),
    'route.state': () => 'active',
  },
};

const render =
  (ec2: Ec2Region) =>
  (table: RouteTable): Answer => ({
    routeTableId: table.id,
    vpcId: table.vpcId,
    ownerId: ACCOUNT,
    routeSet: table.routes.map((route) => renderRoute(ec2, table, route)),
    associationSet: table.associations.map((association) => ({
      routeTableAssociationId: association.id,
      routeTableId: table.id,
      subnetId: association.subnetId,
      main: association.main,
      associationState: { state: 'associated' },
    })),
    propagatingVgwSet: [],
    tagSet: tagSet(table.tags),
  });

function renderRoute(ec2: Ec2Region, table: RouteTable, route: Route): Answer {
  const gateway = route.gatewayId === undefined ? undefined : ec2.gateways[route.gatewayId];
  const alive =
    route.gatewayId === undefined || route.gatewayId === 'local' || gateway?.vpcId === table.vpcId;
  const ipv6 = route.destination.includes(':');
  return {
    destinationCidrBlock: ipv6 ? undefined : route.destination,
    destinationIpv6CidrBlock: ipv6 ? route.destination : undefined,
    gatewayId: route.gatewayId,
    instanceId: route.instanceId,
    instanceOwnerId: route.instanceId === undefined ? undefined : ACCOUNT,
    networkInterfaceId: route.networkInterfaceId,
    state: alive ? 'active' : 'blackhole',
    origin: route.origin,
  };
}

function create({ fields, ec2 }: Call): Answer {
  const vpc = pick(ec2.vpcs, 'vpc', need(fields, 'VpcId'));
  const tags = tagsFor(fields, 'route-table');
  const token = text(fields, 'ClientToken');
  const before =
    token === undefined
      ? undefined
      : Object.values(ec2.routeTables).find((table) => table.clientToken === token);
  if (before !== undefined && before.vpcId !== vpc.id)
    throw new ApiError(
      'IdempotentParameterMismatch',
      'The request uses the same client token as a previous, but non-identical request.',
    );
  const table = before ?? newRouteTable(vpc, token, tags);
  ec2.routeTables[table.id] = table;
  return { routeTable: render(ec2)(table), clientToken: token };
}

function remove({ fields, ec2 }: Call): Answer {
  const table = pick(ec2.routeTables, 'rtb', need(fields, 'RouteTableId'));
  if (table.associations.length > 0)
    throw dependency(`The routeTable '${table.id}' has dependencies and cannot be deleted.`);
  Reflect.deleteProperty(ec2.routeTables, table.id);
  return DONE;
}

export const routeTableActions: Actions = {
  CreateRouteTable: create,
  DeleteRouteTable: remove,
  DescribeRouteTables: ({ fields, ec2 }) =>
    listed('routeTableSet', select(fields, Object.values(ec2.routeTables), kind), render(ec2)),
};
