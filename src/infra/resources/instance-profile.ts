import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  type InstanceProfile,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { ensure, remove, write } from '../ensure.js';
import { codeOf } from '../faults.js';
import { hostRoleName } from '../names.js';
import type { Address, Aws, ResourceKind } from '../resource.js';
import { allTags, ownTags, tagChanges, tagKeys, tagRecord, type Tags } from '../tags.js';
import { ifThere } from './role.js';

export interface InstanceProfileSpec {
  readonly profileName: string;
  readonly role: Address | undefined;
  readonly tags: Tags;
}

async function findProfile(aws: Aws): Promise<InstanceProfile | undefined> {
  const InstanceProfileName = hostRoleName(aws.stack, aws.region);
  const answer = await ifThere(() =>
    aws.iam.read.send(new GetInstanceProfileCommand({ InstanceProfileName })),
  );
  const profile = answer?.InstanceProfile;
  return tagRecord(profile?.Tags)[tagKeys.stack] === aws.stack ? profile : undefined;
}

async function giveRole(aws: Aws, InstanceProfileName: string, RoleName: string): Promise<void> {
  const input = { InstanceProfileName, RoleName };
  try {
    await write(aws, () => aws.iam.write.send(new AddRoleToInstanceProfileCommand(input)));
  } catch (error) {
    // Also what a repeated call gets: only a look tells which.
    if (codeOf(error) !== 'LimitExceeded') throw error;
    const present = (await findProfile(aws))?.Roles ?? [];
    if (present.some((one) => one.RoleName === RoleName)) return;
    await takeRoles(
      aws,
      InstanceProfileName,
      present.flatMap((one) => one.RoleName ?? []),
    );
    await write(aws, () => aws.iam.write.send(new AddRoleToInstanceProfileCommand(input)));
  }
}

async function takeRoles(
  aws: Aws,
  InstanceProfileName: string,
  roles: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (const RoleName of roles) {
    const input = { InstanceProfileName, RoleName };
    const send = () => aws.iam.write.send(new RemoveRoleFromInstanceProfileCommand(input));
    const happened = async () =>
      (await findProfile(aws))?.Roles?.some((one) => one.RoleName === RoleName) !== true;
    await remove(aws, send, signal, happened);
  }
}

/** What hands the role to the instances. */
export const instanceProfile: ResourceKind<InstanceProfileSpec, InstanceProfile> = {
  kind: 'instance-profile',
  replaceOn: ['profileName'],
  needs: (spec) => (spec.role === undefined ? [] : [spec.role]),
  standsOn: () => [],
  tagsOf: (raw) => tagRecord(raw.Tags),
  async list(aws) {
    const raw = await findProfile(aws);
    if (raw === undefined) return [];
    const id = raw.InstanceProfileName ?? '';
    return [{ name: tagRecord(raw.Tags)[tagKeys.name] ?? id, id, raw }];
  },
  read: (raw, nameOf) => ({
    profileName: raw.InstanceProfileName ?? '',
    role: nameOf('role', raw.Roles?.[0]?.RoleName) as Address | undefined,
    tags: ownTags(tagRecord(raw.Tags)),
  }),
  async create(aws, name, spec, idOf, signal) {
    const InstanceProfileName = spec.profileName;
    await ensure(aws, {
      what: `IAM instance profile ${InstanceProfileName}`,
      duplicate: ['EntityAlreadyExists'],
      unique: true,
      signal,
      find: async () => (await findProfile(aws))?.InstanceProfileName,
      make: async () => {
        const command = { InstanceProfileName, Tags: allTags(aws, name, spec.tags) };
        const answer = await aws.iam.write.send(new CreateInstanceProfileCommand(command));
        return answer.InstanceProfile?.InstanceProfileName;
      },
    });
    if (spec.role !== undefined) await giveRole(aws, InstanceProfileName, idOf(spec.role));
    return InstanceProfileName;
  },
  async update(aws, id, spec, changed, idOf) {
    const InstanceProfileName = id;
    if (changed.includes('role') && spec.role !== undefined) await giveRole(aws, id, idOf(spec.role));
    const { set: Tags, drop: TagKeys } = tagChanges(spec.tags, changed);
    if (Tags.length > 0) {
      await write(aws, () =>
        aws.iam.write.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags })),
      );
    }
    if (TagKeys.length > 0) {
      const command = { InstanceProfileName, TagKeys };
      await write(aws, () => aws.iam.write.send(new UntagInstanceProfileCommand(command)));
    }
  },
  async delete(aws, id, signal) {
    const InstanceProfileName = id;
    try {
      await takeRoles(aws, id, [hostRoleName(aws.stack, aws.region)], signal);
      await remove(
        aws,
        () => aws.iam.write.send(new DeleteInstanceProfileCommand({ InstanceProfileName })),
        signal,
      );
    } catch (error) {
      if (codeOf(error) !== 'DeleteConflict') throw error;
      const roles = (await findProfile(aws))?.Roles ?? [];
      await takeRoles(
        aws,
        id,
        roles.flatMap((one) => one.RoleName ?? []),
        signal,
      );
      await remove(
        aws,
        () => aws.iam.write.send(new DeleteInstanceProfileCommand({ InstanceProfileName })),
        signal,
      );
    }
  },
};
