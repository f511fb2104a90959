import { ApiError } from '../../protocol/api-error.js';
import { need, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { formatCidr, parseCidr } from '../cidr.js';
import { newId } from '../ids.js';
import { DONE } from './describe.js';
import { invalid, missing, notFound, pick } from './errors.js';
import type { Association, Ec2Region, Route, RouteTable } from './model.js';

function destinationOf({ fields }: Call): string {
  const six = text(fields, 'DestinationIpv6CidrBlock');
  if (six !== undefined) return six;
  const given = need(fields, 'DestinationCidrBlock');
  const block = parseCidr(given);
  if (block === undefined) throw invalid(given, 'destinationCidrBlock', 'This is not a valid CIDR block.');
  return formatCidr(block);
}

function readRoute(call: Call, table: RouteTable): Route {
  const { fields, ec2 } = call;
  const destination = destinationOf(call);
  const gatewayId = text(fields, 'GatewayId');
  const networkInterfaceId = text(fields, 'NetworkInterfaceId');
  const instanceId = text(fields, 'InstanceId');
  if (gatewayId !== undefined && gatewayId !== 'local') checkGateway(ec2, table, gatewayId);
  if (networkInterfaceId !== undefined) pick(ec2.interfaces, 'eni', networkInterfaceId);
  if (instanceId !== undefined) pick(ec2.instances, 'i', instanceId);
  if (gatewayId === undefined && networkInterfaceId === undefined && instanceId === undefined)
    throw missing('gatewayId');
  return { destination, gatewayId, networkInterfaceId, instanceId, origin: 'CreateRoute' };
}

function checkGateway(ec2: Ec2Region, table: RouteTable, id: string): void {
  const gateway = Object.hasOwn(ec2.gateways, id) ? ec2.gateways[id] : undefined;
  if (gateway === undefined)
    throw new ApiError('InvalidGatewayID.NotFound', `The gateway ID '${id}' does not exist`);
  if (gateway.vpcId !== table.vpcId)
    throw new ApiError(
      'InvalidParameterValue',
      `route table ${table.id} and network gateway ${id} belong to different networks`,
    );
}

const same = (a: Route, b: Route): boolean =>
  a.gatewayId === b.gatewayId &&
  a.instanceId === b.instanceId &&
  a.networkInterfaceId === b.networkInterfaceId;

function createRoute(call: Call): Answer {
  const table = pick(call.ec2.routeTables, 'rtb', need(call.fields, 'RouteTableId'));
  const route = readRoute(call, table);
  const there = table.routes.find((one) => one.destination === route.destination);
  if (there !== undefined && !same(there, route))
    throw new ApiError('RouteAlreadyExists', `The route identified by ${route.destination} already exists.`);
  if (there === undefined) table.routes.push(route);
  return DONE;
}

function replaceRoute(call: Call): Answer {
  const table = pick(call.ec2.routeTables, 'rtb', need(call.fields, 'RouteTableId'));
  const route = readRoute(call, table);
  const index = table.routes.findIndex((one) => one.destination === route.destination);
  if (index < 0)
    throw new ApiError(
      'InvalidParameterValue',
      `There is no route defined for '${route.destination}' in the route table. Use CreateRoute instead.`,
    );
  table.routes[index] = route;
  return DONE;
}

function deleteRoute(call: Call): Answer {
  const table = pick(call.ec2.routeTables, 'rtb', need(call.fields, 'RouteTableId'));
  const destination = destinationOf(call);
  const route = table.routes.find((one) => one.destination === destination);
  if (route === undefined)
    throw new ApiError(
      'InvalidRoute.NotFound',
      `no route with destination-cidr-block ${destination} in route table ${table.id}`,
    );
  if (route.gatewayId === 'local')
    throw new ApiError('InvalidParameterValue', `cannot remove local route ${destination} in route table`);
  table.routes = table.routes.filter((one) => one !== route);
  return DONE;
}

function associate({ fields, ec2 }: Call): Answer {
  const table = pick(ec2.routeTables, 'rtb', need(fields, 'RouteTableId'));
  const subnet = pick(ec2.subnets, 'subnet', need(fields, 'SubnetId'));
  if (subnet.vpcId !== table.vpcId)
    throw new ApiError(
      'InvalidParameterValue',
      `Route table ${table.id} and subnet ${subnet.id} belong to different networks`,
    );
  const here = table.associations.find((one) => one.subnetId === subnet.id);
  const taken = Object.values(ec2.routeTables)
    .flatMap((one) => one.associations)
    .find((one) => one.subnetId === subnet.id);
  if (taken !== undefined && taken !== here)
    throw new ApiError(
      'Resource.AlreadyAssociated',
      `the specified association for route table ${table.id} conflicts with an existing association`,
    );
  const association = here ?? { id: newId('rtbassoc'), subnetId: subnet.id, main: false };
  if (here === undefined) table.associations.push(association);
  return { associationId: association.id, associationState: { state: 'associated' } };
}

function findAssociation(ec2: Ec2Region, id: string): { table: RouteTable; association: Association } {
  for (const table of Object.values(ec2.routeTables)) {
    const association = table.associations.find((one) => one.id === id);
    if (association !== undefined) return { table, association };
  }
  throw notFound('rtbassoc', id);
}

function disassociate({ fields, ec2 }: Call): Answer {
  const { table, association } = findAssociation(ec2, need(fields, 'AssociationId'));
  if (association.main)
    throw new ApiError(
      'InvalidParameterValue',
      `cannot disassociate the main route table association ${association.id}`,
    );
  table.associations = table.associations.filter((one) => one !== association);
  return DONE;
}

function replaceAssociation({ fields, ec2 }: Call): Answer {
  const { table, association } = findAssociation(ec2, need(fields, 'AssociationId'));
  const target = pick(ec2.routeTables, 'rtb', need(fields, 'RouteTableId'));
  if (target.vpcId !== table.vpcId)
    throw new ApiError(
      'InvalidParameterValue',
      `Route table ${target.id} and association ${association.id} belong to different networks`,
    );
  table.associations = table.associations.filter((one) => one !== association);
  const moved = { ...association, id: newId('rtbassoc') };
  target.associations.push(moved);
  return { newAssociationId: moved.id, associationState: { state: 'associated' } };
}

export const routeActions: Actions = {
  CreateRoute: createRoute,
  ReplaceRoute: replaceRoute,
  DeleteRoute: deleteRoute,
  AssociateRouteTable: associate,
  DisassociateRouteTable: disassociate,
  ReplaceRouteTableAssociation: replaceAssociation,
};
