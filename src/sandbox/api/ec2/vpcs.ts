import { ApiError } from '../../protocol/api-error.js';
import { attributeFlag, need, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { formatCidr, parseCidr } from '../cidr.js';
import { newId } from '../ids.js';
import { ACCOUNT } from '../world.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { dependency, invalid, pick } from './errors.js';
import type { Vpc } from './model.js';
import { addVpc } from './region.js';
import { tagsFor, tagSet } from './tagging.js';

const dhcpOptions = (call: Call): string =>
  `dopt-${call.region === 'us-east-1' ? '0d' : '0e'}0000000000000001`;

const kind: Describable<Vpc> = {
  ids: { parameter: 'VpcId', prefix: 'vpc', of: (vpc) => vpc.id },
  tags: (vpc) => vpc.tags,
  page: PAGE,
  filters: {
    'vpc-id': (vpc) => vpc.id,
    cidr: (vpc) => vpc.cidr,
    'cidr-block': (vpc) => vpc.cidr,
    cidrBlock: (vpc) => vpc.cidr,
    'cidr-block-association.cidr-block': (vpc) => vpc.cidr,
    'cidr-block-association.association-id': (vpc) => vpc.cidrAssociationId,
    'is-default': (vpc) => vpc.isDefault,
    isDefault: (vpc) => vpc.isDefault,
    'owner-id': () => ACCOUNT,
    state: () => 'available',
  },
};

const render =
  (call: Call) =>
  (vpc: Vpc): Answer => ({
    vpcId: vpc.id,
    ownerId: ACCOUNT,
    state: 'available',
    cidrBlock: vpc.cidr,
    cidrBlockAssociationSet: [
      { cidrBlock: vpc.cidr, associationId: vpc.cidrAssociationId, cidrBlockState: { state: 'associated' } },
    ],
    dhcpOptionsId: dhcpOptions(call),
    tagSet: tagSet(vpc.tags),
    instanceTenancy: vpc.tenancy,
    isDefault: vpc.isDefault,
  });

function createVpc(call: Call): Answer {
  const given = need(call.fields, 'CidrBlock');
  const block = parseCidr(given);
  if (block === undefined) throw invalid(given, 'cidrBlock', 'This is not a valid CIDR block.');
  if (block.bits < 16 || block.bits > 28)
    throw new ApiError('InvalidVpc.Range', `The CIDR '${given}' is invalid.`);
  const tags = tagsFor(call.fields, 'vpc');
  if (Object.keys(call.ec2.vpcs).length >= call.limits.vpcsPerRegion)
    throw new ApiError('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
  const id = newId('vpc');
  const tenancy = text(call.fields, 'InstanceTenancy') ?? 'default';
  addVpc(call.ec2, { id, cidr: formatCidr(block), isDefault: false, tenancy, tags });
  return { vpc: render(call)(pick(call.ec2.vpcs, 'vpc', id)) };
}

const describeVpcs = (call: Call): Answer =>
  listed('vpcSet', select(call.fields, Object.values(call.ec2.vpcs), kind), render(call));

function describeVpcAttribute(call: Call): Answer {
  const vpc = pick(call.ec2.vpcs, 'vpc', need(call.fields, 'VpcId'));
  const attribute = need(call.fields, 'Attribute');
  const values: Readonly<Record<string, boolean>> = {
    enableDnsSupport: vpc.dnsSupport,
    enableDnsHostnames: vpc.dnsHostnames,
    enableNetworkAddressUsageMetrics: vpc.addressMetrics,
  };
  if (!Object.hasOwn(values, attribute)) throw invalid(attribute, 'vpcAttribute');
  return { vpcId: vpc.id, [attribute]: { value: values[attribute] } };
}

function modifyVpcAttribute({ fields, ec2 }: Call): Answer {
  const vpc = pick(ec2.vpcs, 'vpc', need(fields, 'VpcId'));
  const support = attributeFlag(fields, 'EnableDnsSupport');
  const hostnames = attributeFlag(fields, 'EnableDnsHostnames');
  const metrics = attributeFlag(fields, 'EnableNetworkAddressUsageMetrics');
  const given = [support, hostnames, metrics].filter((value) => value !== undefined).length;
  if (given > 1)
    throw new ApiError('InvalidParameterCombination', 'Only one attribute can be modified at a time.');
  if (given === 0) throw new ApiError('InvalidParameterCombination', 'No attributes specified.');
  vpc.dnsSupport = support ?? vpc.dnsSupport;
  vpc.dnsHostnames = hostnames ?? vpc.dnsHostnames;
  vpc.addressMetrics = metrics ?? vpc.addressMetrics;
  return DONE;
}

async function deleteVpc({ fields, ec2, machines }: Call): Promise<Answer> {
  const vpc = pick(ec2.vpcs, 'vpc', need(fields, 'VpcId'));
  const inside = <T extends { vpcId: string | undefined }>(all: Record<string, T>): readonly T[] =>
    Object.values(all).filter((one) => one.vpcId === vpc.id);
  const tables = inside(ec2.routeTables);
  const blocked =
    inside(ec2.subnets).length > 0 ||
    inside(ec2.gateways).length > 0 ||
    inside(ec2.interfaces).length > 0 ||
    inside(ec2.endpoints ?? {}).length > 0 ||
    inside(ec2.groups).some((group) => group.name !== 'default') ||
    tables.some((table) => !table.associations.some((association) => association.main));
  if (blocked) throw dependency(`The vpc '${vpc.id}' has dependencies and cannot be deleted.`);
  for (const table of tables) Reflect.deleteProperty(ec2.routeTables, table.id);
  for (const group of inside(ec2.groups)) Reflect.deleteProperty(ec2.groups, group.id);
  for (const acl of inside(ec2.acls)) Reflect.deleteProperty(ec2.acls, acl.id);
  Reflect.deleteProperty(ec2.vpcs, vpc.id);
  await machines?.removeNetwork(vpc.id);
  return DONE;
}

export const vpcActions: Actions = {
  CreateVpc: createVpc,
  DescribeVpcs: describeVpcs,
  DescribeVpcAttribute: describeVpcAttribute,
  ModifyVpcAttribute: modifyVpcAttribute,
  DeleteVpc: deleteVpc,
};
