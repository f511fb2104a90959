import { ApiError } from '../../protocol/api-error.js';
import { need } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { newId } from '../ids.js';
import { ACCOUNT } from '../world.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { dependency, pick } from './errors.js';
import type { Gateway } from './model.js';
import { tagsFor, tagSet } from './tagging.js';

const kind: Describable<Gateway> = {
  ids: { parameter: 'InternetGatewayId', prefix: 'igw', of: (gateway) => gateway.id },
  tags: (gateway) => gateway.tags,
  page: PAGE,
  filters: {
    'internet-gateway-id': (gateway) => gateway.id,
    'attachment.vpc-id': (gateway) => gateway.vpcId,
    'attachment.state': (gateway) => (gateway.vpcId === undefined ? undefined : 'available'),
    'owner-id': () => ACCOUNT,
  },
};

const render = (gateway: Gateway): Answer => ({
  internetGatewayId: gateway.id,
  ownerId: ACCOUNT,
  attachmentSet: gateway.vpcId === undefined ? [] : [{ vpcId: gateway.vpcId, state: 'available' }],
  tagSet: tagSet(gateway.tags),
});

function create({ fields, ec2, limits }: Call): Answer {
  const tags = tagsFor(fields, 'internet-gateway');
  if (Object.keys(ec2.gateways).length >= limits.gatewaysPerRegion)
    throw new ApiError(
      'InternetGatewayLimitExceeded',
      'The maximum number of internet gateways has been reached.',
    );
  const gateway: Gateway = { id: newId('igw'), vpcId: undefined, tags };
  ec2.gateways[gateway.id] = gateway;
  return { internetGateway: render(gateway) };
}

function attach({ fields, ec2 }: Call): Answer {
  const gateway = pick(ec2.gateways, 'igw', need(fields, 'InternetGatewayId'));
  const vpc = pick(ec2.vpcs, 'vpc', need(fields, 'VpcId'));
  if (gateway.vpcId !== undefined)
    throw new ApiError(
      'Resource.AlreadyAssociated',
      `resource ${gateway.id} is already attached to network ${gateway.vpcId}`,
    );
  const other = Object.values(ec2.gateways).find((one) => one.vpcId === vpc.id);
  if (other !== undefined)
    throw new ApiError('InvalidParameterValue', `Network ${vpc.id} already has an internet gateway attached`);
  gateway.vpcId = vpc.id;
  return DONE;
}

function detach({ fields, ec2 }: Call): Answer {
  const gateway = pick(ec2.gateways, 'igw', need(fields, 'InternetGatewayId'));
  const vpc = pick(ec2.vpcs, 'vpc', need(fields, 'VpcId'));
  if (gateway.vpcId !== vpc.id)
    throw new ApiError('Gateway.NotAttached', `resource ${gateway.id} is not attached to network ${vpc.id}`);
  const mapped = Object.values(ec2.interfaces).some(
    (one) => one.vpcId === vpc.id && one.publicIp !== undefined,
  );
  if (mapped)
    throw dependency(
      `Network ${vpc.id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
  gateway.vpcId = undefined;
  return DONE;
}

function remove({ fields, ec2 }: Call): Answer {
  const gateway = pick(ec2.gateways, 'igw', need(fields, 'InternetGatewayId'));
  if (gateway.vpcId !== undefined)
    throw dependency(`The internetGateway '${gateway.id}' has dependencies and cannot be deleted.`);
  Reflect.deleteProperty(ec2.gateways, gateway.id);
  return DONE;
}

export const gatewayActions: Actions = {
  CreateInternetGateway: create,
  AttachInternetGateway: attach,
  DetachInternetGateway: detach,
  DeleteInternetGateway: remove,
  DescribeInternetGateways: ({ fields, ec2 }) =>
    listed('internetGatewaySet', select(fields, Object.values(ec2.gateways), kind), render),
};
