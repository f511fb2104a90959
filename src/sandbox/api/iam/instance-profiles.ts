import { ApiError } from '../../protocol/api-error.js';
import { text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { iamId } from '../ids.js';
import { profileArn } from './arns.js';
import {
  conflict,
  exists,
  newName,
  newPath,
  paged,
  profileOf,
  readTags,
  roleOf,
  tagList,
} from './lookups.js';
import type { Iam, InstanceProfile } from './model.js';
import { renderRole } from './roles.js';

function render(iam: Iam, profile: InstanceProfile): Answer {
  const role = profile.role === undefined ? undefined : iam.roles[profile.role.toLowerCase()];
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profileArn(profile),
    CreateDate: new Date(profile.created),
    Roles: role === undefined ? [] : [renderRole(role, false)],
    Tags: Object.keys(profile.tags).length > 0 ? tagList(profile.tags) : undefined,
  };
}

function create({ fields, iam, now }: Call): Answer {
  const name = newName(fields, 'InstanceProfileName', 128);
  const profile: InstanceProfile = {
    id: iamId('AIPA'),
    name,
    path: newPath(fields),
    created: now,
    role: undefined,
    tags: readTags(fields),
  };
  if (Object.hasOwn(iam.profiles, name.toLowerCase())) throw exists(`Instance Profile ${name}`);
  iam.profiles[name.toLowerCase()] = profile;
  return { InstanceProfile: render(iam, profile) };
}

function remove(call: Call): Answer {
  const profile = profileOf(call);
  if (profile.role !== undefined)
    throw conflict('Cannot delete entity, must remove roles from instance profile first.');
  Reflect.deleteProperty(call.iam.profiles, profile.name.toLowerCase());
  return undefined;
}

function addRole(call: Call): Answer {
  const profile = profileOf(call);
  const role = roleOf(call);
  if (profile.role !== undefined)
    throw new ApiError('LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1', 409);
  profile.role = role.name;
  return undefined;
}

function removeRole(call: Call): Answer {
  const profile = profileOf(call);
  const role = roleOf(call);
  if (profile.role !== role.name)
    throw new ApiError(
      'NoSuchEntity',
      `Role ${role.name} in Instance Profile ${profile.name} cannot be found.`,
      404,
    );
  profile.role = undefined;
  return undefined;
}

function list({ fields, iam }: Call): Answer {
  const prefix = text(fields, 'PathPrefix') ?? '/';
  const found = Object.values(iam.profiles).filter((profile) => profile.path.startsWith(prefix));
  return paged(
    fields,
    'InstanceProfiles',
    found.map((profile) => render(iam, profile)),
  );
}

function listForRole(call: Call): Answer {
  const role = roleOf(call);
  const found = Object.values(call.iam.profiles).filter((profile) => profile.role === role.name);
  return paged(
    call.fields,
    'InstanceProfiles',
    found.map((profile) => render(call.iam, profile)),
  );
}

function tag(call: Call): Answer {
  Object.assign(profileOf(call).tags, readTags(call.fields));
  return undefined;
}

function untag(call: Call): Answer {
  const { tags } = profileOf(call);
  for (const key of texts(call.fields, 'TagKeys')) Reflect.deleteProperty(tags, key);
  return undefined;
}

export const instanceProfileActions: Actions = {
  CreateInstanceProfile: create,
  GetInstanceProfile: (call) => ({ InstanceProfile: render(call.iam, profileOf(call)) }),
  DeleteInstanceProfile: remove,
  AddRoleToInstanceProfile: addRole,
  RemoveRoleFromInstanceProfile: removeRole,
  ListInstanceProfiles: list,
  ListInstanceProfilesForRole: listForRole,
  TagInstanceProfile: tag,
  UntagInstanceProfile: untag,
  ListInstanceProfileTags: (call) =>
    paged(call.fields, 'Tags', tagList(profileOf(call).tags) as readonly Answer[]),
};
