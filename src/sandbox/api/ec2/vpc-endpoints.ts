import { need, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { newId } from '../ids.js';
import { ACCOUNT } from '../world.js';
import { listed, PAGE, select, type Describable } from './describe.js';
import { pick } from './errors.js';
import type { VpcEndpoint } from './model.js';
import { tagsFor, tagSet } from './tagging.js';

const kind: Describable<VpcEndpoint> = {
  ids: { parameter: 'VpcEndpointId', prefix: 'vpce', of: (endpoint) => endpoint.id },
  tags: (endpoint) => endpoint.tags,
  page: PAGE,
  filters: {
    'vpc-endpoint-id': (endpoint) => endpoint.id,
    'vpc-id': (endpoint) => endpoint.vpcId,
    'service-name': (endpoint) => endpoint.serviceName,
    'vpc-endpoint-type': () => 'Gateway',
    'vpc-endpoint-state': () => 'available',
  },
};

const render = (endpoint: VpcEndpoint): Answer => ({
  vpcEndpointId: endpoint.id,
  vpcEndpointType: 'Gateway',
  vpcId: endpoint.vpcId,
  serviceName: endpoint.serviceName,
  state: 'available',
  routeTableIdSet: [],
  subnetIdSet: [],
  groupSet: [],
  networkInterfaceIdSet: [],
  privateDnsEnabled: false,
  requesterManaged: false,
  creationTimestamp: new Date(endpoint.created),
  tagSet: tagSet(endpoint.tags),
  ownerId: ACCOUNT,
});

/** Gateway endpoints only: those that hold a VPC without an interface in it. */
function create({ ec2, fields, now }: Call): Answer {
  const vpc = pick(ec2.vpcs, 'vpc', need(fields, 'VpcId'));
  const endpoint: VpcEndpoint = {
    id: newId('vpce'),
    vpcId: vpc.id,
    serviceName: need(fields, 'ServiceName'),
    created: now,
    tags: tagsFor(fields, 'vpc-endpoint'),
  };
  ec2.endpoints = { ...ec2.endpoints, [endpoint.id]: endpoint };
  return { vpcEndpoint: render(endpoint), clientToken: text(fields, 'ClientToken') };
}

function remove({ ec2, fields }: Call): Answer {
  const ids = texts(fields, 'VpcEndpointId');
  for (const id of ids) pick(ec2.endpoints ?? {}, 'vpce', id);
  const kept = Object.entries(ec2.endpoints ?? {}).filter(([id]) => !ids.includes(id));
  ec2.endpoints = Object.fromEntries(kept);
  return { unsuccessful: [] };
}

export const endpointActions: Actions = {
  CreateVpcEndpoint: create,
  DeleteVpcEndpoints: remove,
  DescribeVpcEndpoints: ({ ec2, fields }) =>
    listed('vpcEndpointSet', select(fields, Object.values(ec2.endpoints ?? {}), kind), render),
};
