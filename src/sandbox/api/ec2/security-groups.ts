import { ApiError } from '../../protocol/api-error.js';
import { need, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { listed, PAGE, select, type Describable } from './describe.js';
import { dependency, missing, pick } from './errors.js';
import type { Ec2Region, Group, Rule } from './model.js';
import { newGroup } from './region.js';
import { checkedText, permissionSet } from './rule-shapes.js';
import { tagsFor, tagSet } from './tagging.js';

const inbound = (group: Group): readonly Rule[] => group.rules.filter((rule) => !rule.egress);
const outbound = (group: Group): readonly Rule[] => group.rules.filter((rule) => rule.egress);

const kind: Describable<Group> = {
  ids: { parameter: 'GroupId', prefix: 'sg', of: (group) => group.id },
  tags: (group) => group.tags,
  page: PAGE,
  filters: {
    'group-id': (group) => group.id,
    'group-name': (group) => group.name,
    description: (group) => group.description,
    'vpc-id': (group) => group.vpcId,
    'owner-id': () => ACCOUNT,
    'ip-permission.cidr': (group) => inbound(group).map((rule) => rule.cidr4),
    'ip-permission.from-port': (group) => inbound(group).map((rule) => rule.fromPort?.toString()),
    'ip-permission.to-port': (group) => inbound(group).map((rule) => rule.toPort?.toString()),
    'ip-permission.protocol': (group) => inbound(group).map((rule) => rule.protocol),
    'ip-permission.group-id': (group) => inbound(group).map((rule) => rule.group),
    'egress.ip-permission.cidr': (group) => outbound(group).map((rule) => rule.cidr4),
    'egress.ip-permission.protocol': (group) => outbound(group).map((rule) => rule.protocol),
    'egress.ip-permission.group-id': (group) => outbound(group).map((rule) => rule.group),
  },
};

const arn = (call: Call, group: Group): string =>
  `arn:aws:ec2:${call.region}:${ACCOUNT}:security-group/${group.id}`;

const render =
  (call: Call) =>
  (group: Group): Answer => ({
    ownerId: ACCOUNT,
    groupId: group.id,
    groupName: group.name,
    groupDescription: group.description,
    vpcId: group.vpcId,
    securityGroupArn: arn(call, group),
    ipPermissions: permissionSet(inbound(group)),
    ipPermissionsEgress: permissionSet(outbound(group)),
    tagSet: tagSet(group.tags),
  });

function create(call: Call): Answer {
  const { fields, ec2 } = call;
  const name = checkedText(need(fields, 'GroupName'), 'groupName');
  const description = checkedText(text(fields, 'GroupDescription') ?? '', 'groupDescription');
  if (description === '') throw missing('GroupDescription');
  if (name.startsWith('sg-'))
    throw new ApiError(
      'InvalidParameterValue',
      `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
    );
  const vpcId = text(fields, 'VpcId') ?? Object.values(ec2.vpcs).find((vpc) => vpc.isDefault)?.id;
  if (vpcId === undefined) throw new ApiError('VPCIdNotSpecified', 'No default VPC for this user');
  const vpc = pick(ec2.vpcs, 'vpc', vpcId);
  if (name.toLowerCase() === 'default')
    throw new ApiError('InvalidGroup.Reserved', `The security group '${name}' is reserved`);
  const twin = Object.values(ec2.groups).find(
    (group) => group.vpcId === vpc.id && group.name.toLowerCase() === name.toLowerCase(),
  );
  if (twin !== undefined)
    throw new ApiError(
      'InvalidGroup.Duplicate',
      `The security group '${name}' already exists for VPC '${vpc.id}'`,
    );
  const group = newGroup(vpc.id, name, description, tagsFor(fields, 'security-group'));
  ec2.groups[group.id] = group;
  return { return: true, groupId: group.id, tagSet: tagSet(group.tags), securityGroupArn: arn(call, group) };
}

/** The group a call names by id, or by name in the default VPC. */
export function groupOf({ fields, ec2 }: Call): Group {
  const id = text(fields, 'GroupId');
  if (id !== undefined) return pick(ec2.groups, 'sg', id);
  const name = text(fields, 'GroupName');
  if (name === undefined) throw missing('GroupId');
  const group = defaultVpcGroup(ec2, name);
  if (group === undefined)
    throw new ApiError('InvalidGroup.NotFound', `The security group '${name}' does not exist in default VPC`);
  return group;
}

function defaultVpcGroup(ec2: Ec2Region, name: string): Group | undefined {
  const vpc = Object.values(ec2.vpcs).find((one) => one.isDefault);
  return Object.values(ec2.groups).find((group) => group.vpcId === vpc?.id && group.name === name);
}

function remove(call: Call): Answer {
  const { ec2 } = call;
  const group = groupOf(call);
  if (group.name === 'default')
    throw new ApiError(
      'CannotDelete',
      `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
    );
  const used = Object.values(ec2.interfaces).some((one) => one.groups.includes(group.id));
  const named = Object.values(ec2.groups).some(
    (other) => other.id !== group.id && other.rules.some((rule) => rule.group === group.id),
  );
  if (used || named) throw dependency(`resource ${group.id} has a dependent object`);
  Reflect.deleteProperty(ec2.groups, group.id);
  return { return: true, groupId: group.id };
}

function describe(call: Call): Answer {
  const { fields, ec2 } = call;
  const names = texts(fields, 'GroupName');
  for (const name of names)
    if (defaultVpcGroup(ec2, name) === undefined)
      throw new ApiError('InvalidGroup.NotFound', `The security group '${name}' does not exist`);
  const all = Object.values(ec2.groups).filter(
    (group) =>
      names.length === 0 || (defaultVpcGroup(ec2, group.name) === group && names.includes(group.name)),
  );
  return listed('securityGroupInfo', select(fields, all, kind), render(call));
}

export const securityGroupActions: Actions = {
  CreateSecurityGroup: create,
  DeleteSecurityGroup: remove,
  DescribeSecurityGroups: describe,
};
