import { ApiError } from '../../protocol/api-error.js';
import { integer, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { iamId } from '../ids.js';
import { roleArn } from './arns.js';
import {
  conflict,
  encoded,
  exists,
  newName,
  newPath,
  paged,
  policyDocument,
  readTags,
  roleOf,
  tagList,
} from './lookups.js';
import type { Role } from './model.js';

/** A role as IAM answers it; lists leave out the tags. */
export const renderRole = (role: Role, withTags = true): Answer => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: roleArn(role),
  CreateDate: new Date(role.created),
  AssumeRolePolicyDocument: encoded(role.assumePolicy),
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
  Tags: withTags && Object.keys(role.tags).length > 0 ? tagList(role.tags) : undefined,
  RoleLastUsed: withTags ? {} : undefined,
});

function createRole({ fields, iam, now, limits }: Call): Answer {
  const name = newName(fields, 'RoleName', 64);
  const role: Role = {
    id: iamId('AROA'),
    name,
    path: newPath(fields),
    created: now,
    description: text(fields, 'Description'),
    maxSessionSeconds: sessionSeconds(integer(fields, 'MaxSessionDuration') ?? 3600),
    assumePolicy: policyDocument(fields, 'AssumeRolePolicyDocument'),
    policies: {},
    attached: [],
    tags: readTags(fields),
  };
  if (Object.hasOwn(iam.roles, name.toLowerCase())) throw exists(`Role with name ${name}`);
  if (Object.keys(iam.roles).length >= limits.rolesPerAccount)
    throw new ApiError(
      'LimitExceeded',
      `Cannot exceed quota for RolesPerAccount: ${limits.rolesPerAccount}`,
      409,
    );
  iam.roles[name.toLowerCase()] = role;
  return { Role: renderRole(role) };
}

function sessionSeconds(value: number): number {
  if (value >= 3600 && value <= 43200) return value;
  throw new ApiError('ValidationError', `Value '${value}' at 'maxSessionDuration' is out of range.`);
}

function deleteRole(call: Call): Answer {
  const role = roleOf(call);
  const profiles = Object.values(call.iam.profiles);
  if (profiles.some((profile) => profile.role === role.name))
    throw conflict('Cannot delete entity, must remove roles from instance profile first.');
  if (role.attached.length > 0) throw conflict('Cannot delete entity, must detach all policies first.');
  if (Object.keys(role.policies).length > 0)
    throw conflict('Cannot delete entity, must delete policies first.');
  Reflect.deleteProperty(call.iam.roles, role.name.toLowerCase());
  return undefined;
}

function updateRole(call: Call): Answer {
  const role = roleOf(call);
  const seconds = integer(call.fields, 'MaxSessionDuration');
  role.maxSessionSeconds = seconds === undefined ? role.maxSessionSeconds : sessionSeconds(seconds);
  role.description = text(call.fields, 'Description') ?? role.description;
  return {};
}

function updateDescription(call: Call): Answer {
  const role = roleOf(call);
  role.description = text(call.fields, 'Description');
  return { Role: renderRole(role) };
}

function updateAssumePolicy(call: Call): Answer {
  roleOf(call).assumePolicy = policyDocument(call.fields, 'PolicyDocument');
  return undefined;
}

function listRoles({ fields, iam }: Call): Answer {
  const prefix = text(fields, 'PathPrefix') ?? '/';
  const roles = Object.values(iam.roles).filter((role) => role.path.startsWith(prefix));
  return paged(
    fields,
    'Roles',
    roles.map((role) => renderRole(role, false)),
  );
}

function tagRole(call: Call): Answer {
  Object.assign(roleOf(call).tags, readTags(call.fields));
  return undefined;
}

function untagRole(call: Call): Answer {
  const { tags } = roleOf(call);
  for (const key of texts(call.fields, 'TagKeys')) Reflect.deleteProperty(tags, key);
  return undefined;
}

export const roleActions: Actions = {
  CreateRole: createRole,
  GetRole: (call) => ({ Role: renderRole(roleOf(call)) }),
  DeleteRole: deleteRole,
  UpdateRole: updateRole,
  UpdateRoleDescription: updateDescription,
  UpdateAssumeRolePolicy: updateAssumePolicy,
  ListRoles: listRoles,
  TagRole: tagRole,
  UntagRole: untagRole,
  ListRoleTags: (call) => paged(call.fields, 'Tags', tagList(roleOf(call).tags) as readonly Answer[]),
};
