import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { text, texts } from '../../protocol/params.js';
import { profileArn } from '../iam/arns.js';
import type { Iam, InstanceProfile } from '../iam/model.js';
import { missing, notFound } from './errors.js';
import type { Ec2Region, Subnet } from './model.js';

/** The groups a new instance gets; the VPC's default group when none is named. */
export function chooseGroups(
  ec2: Ec2Region,
  subnet: Subnet,
  fields: Fields,
  network: Fields | undefined,
): readonly string[] {
  const inVpc = Object.values(ec2.groups).filter((group) => group.vpcId === subnet.vpcId);
  const names = texts(fields, 'SecurityGroup').map((name) => {
    const group = inVpc.find((one) => one.name === name);
    if (group === undefined)
      throw new ApiError(
        'InvalidGroup.NotFound',
        `The security group '${name}' does not exist in VPC '${subnet.vpcId}'`,
      );
    return group.id;
  });
  const ids = texts(network ?? fields, 'SecurityGroupId');
  checkGroups(ec2, subnet.vpcId, ids);
  const chosen = [...new Set([...ids, ...names])];
  if (chosen.length > 0) return chosen;
  return inVpc.filter((group) => group.name === 'default').map((group) => group.id);
}

/** Groups must exist and belong to the VPC. */
export function checkGroups(ec2: Ec2Region, vpcId: string, ids: readonly string[]): void {
  for (const id of ids) {
    const group = Object.hasOwn(ec2.groups, id) ? ec2.groups[id] : undefined;
    if (group === undefined) throw notFound('sg', id);
    if (group.vpcId !== vpcId)
      throw new ApiError('InvalidParameter', `Security group ${id} and subnet belong to different networks.`);
  }
}

/** The instance profile that `Name` or `Arn` names; undefined when neither is given. */
export function findProfile(iam: Iam, fields: Fields | undefined): InstanceProfile | undefined {
  if (fields === undefined) return undefined;
  const name = text(fields, 'Name');
  const arn = text(fields, 'Arn');
  if (name === undefined && arn === undefined) throw missing('iamInstanceProfile');
  const profile = Object.values(iam.profiles).find((one) =>
    name === undefined ? profileArn(one) === arn : one.name === name,
  );
  const field = name === undefined ? 'arn' : 'name';
  const given = name ?? arn ?? '';
  if (profile === undefined)
    throw new ApiError(
      'InvalidParameterValue',
      `Value (${given}) for parameter iamInstanceProfile.${field} is invalid. Invalid IAM Instance Profile ${field === 'arn' ? 'ARN' : 'name'}`,
    );
  if (profile.role === undefined)
    throw new ApiError(
      'InvalidParameterValue',
      `IAM Instance Profile "${profileArn(profile)}" has no associated IAM Roles`,
    );
  return profile;
}
