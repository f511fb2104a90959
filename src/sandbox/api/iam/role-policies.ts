import { ApiError } from '../../protocol/api-error.js';
import { need } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { encoded, newName, paged, policyDocument, roleOf } from './lookups.js';
import type { Role } from './model.js';

/** AWS's own policies that roles of machines commonly have. */
const MANAGED: readonly string[] = [
  'AdministratorAccess',
  'AmazonEC2ContainerRegistryReadOnly',
  'AmazonEC2FullAccess',
  'AmazonEC2ReadOnlyAccess',
  'AmazonS3ReadOnlyAccess',
  'AmazonSSMManagedInstanceCore',
  'CloudWatchAgentServerPolicy',
  'PowerUserAccess',
  'ReadOnlyAccess',
].map((name) => `arn:aws:iam::aws:policy/${name}`);

function putPolicy(call: Call): Answer {
  const role = roleOf(call);
  const name = newName(call.fields, 'PolicyName', 128);
  role.policies[name] = policyDocument(call.fields, 'PolicyDocument');
  return undefined;
}

function inlinePolicy(role: Role, name: string): string {
  const document = Object.hasOwn(role.policies, name) ? role.policies[name] : undefined;
  if (document === undefined)
    throw new ApiError('NoSuchEntity', `The role policy with name ${name} cannot be found.`, 404);
  return document;
}

function getPolicy(call: Call): Answer {
  const role = roleOf(call);
  const PolicyName = need(call.fields, 'PolicyName');
  return { RoleName: role.name, PolicyName, PolicyDocument: encoded(inlinePolicy(role, PolicyName)) };
}

function deletePolicy(call: Call): Answer {
  const role = roleOf(call);
  const name = need(call.fields, 'PolicyName');
  inlinePolicy(role, name);
  Reflect.deleteProperty(role.policies, name);
  return undefined;
}

function attach(call: Call): Answer {
  const role = roleOf(call);
  const arn = need(call.fields, 'PolicyArn');
  if (!MANAGED.includes(arn))
    throw new ApiError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  if (role.attached.includes(arn)) return undefined;
  if (role.attached.length >= 10)
    throw new ApiError('LimitExceeded', 'Cannot exceed quota for PoliciesPerRole: 10', 409);
  role.attached.push(arn);
  return undefined;
}

function detach(call: Call): Answer {
  const role = roleOf(call);
  const arn = need(call.fields, 'PolicyArn');
  if (!role.attached.includes(arn)) throw new ApiError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
  role.attached = role.attached.filter((one) => one !== arn);
  return undefined;
}

function listAttached(call: Call): Answer {
  const policies = roleOf(call).attached.map((PolicyArn) => ({
    PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
    PolicyArn,
  }));
  return paged(call.fields, 'AttachedPolicies', policies);
}

export const rolePolicyActions: Actions = {
  PutRolePolicy: putPolicy,
  GetRolePolicy: getPolicy,
  DeleteRolePolicy: deletePolicy,
  ListRolePolicies: (call) => paged(call.fields, 'PolicyNames', Object.keys(roleOf(call).policies)),
  AttachRolePolicy: attach,
  DetachRolePolicy: detach,
  ListAttachedRolePolicies: listAttached,
};
