import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  type Role,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ensure, remove, write } from '../ensure.js';
import { codeOf, isGone } from '../faults.js';
import { hostRoleName } from '../names.js';
import type { Aws, ResourceKind } from '../resource.js';
import { normalised } from '../role-policy.js';
import { allTags, ownTags, tagChanges, tagKeys, tagRecord, type Tags } from '../tags.js';

export interface RoleSpec {
  readonly roleName: string;
  /** Who may take the role; a policy document. */
  readonly trust: object;
  /** What it may do; the role's one inline policy. */
  readonly policy: object | undefined;
  readonly tags: Tags;
}

interface RoleRaw {
  readonly role: Role;
  readonly policy: object | undefined;
}

const policyName = 'cloudops';

const parse = (document: string | undefined): object =>
  document === undefined ? {} : normalised(JSON.parse(decodeURIComponent(document)) as object);

/** What `ask` answers, or undefined where the thing doesn't exist. */
export async function ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function findRole(aws: Aws): Promise<Role | undefined> {
  const RoleName = hostRoleName(aws.stack, aws.region);
  const answer = await ifThere(() => aws.iam.read.send(new GetRoleCommand({ RoleName })));
  return tagRecord(answer?.Role?.Tags)[tagKeys.stack] === aws.stack ? answer?.Role : undefined;
}

async function findPolicy(aws: Aws): Promise<object | undefined> {
  const RoleName = hostRoleName(aws.stack, aws.region);
  const command = new GetRolePolicyCommand({ RoleName, PolicyName: policyName });
  const answer = await ifThere(() => aws.iam.read.send(command));
  return answer && parse(answer.PolicyDocument);
}

async function putPolicy(aws: Aws, RoleName: string, policy: object | undefined): Promise<void> {
  const PolicyDocument = JSON.stringify(policy ?? {});
  const input = { RoleName, PolicyName: policyName, PolicyDocument };
  await write(aws, () => aws.iam.write.send(new PutRolePolicyCommand(input)));
}

async function setTrust(aws: Aws, RoleName: string, trust: object): Promise<void> {
  const input = { RoleName, PolicyDocument: JSON.stringify(trust) };
  await write(aws, () => aws.iam.write.send(new UpdateAssumeRolePolicyCommand(input)));
}

/** What the hosts may do in AWS. IAM has no regions, so the name carries the region. */
export const role: ResourceKind<RoleSpec, RoleRaw> = {
  kind: 'role',
  replaceOn: ['roleName'],
  needs: () => [],
  tagsOf: (raw) => tagRecord(raw.role.Tags),
  async list(aws, lean = false) {
    const [found, policy] = await Promise.all([findRole(aws), lean ? undefined : findPolicy(aws)]);
    if (found === undefined) return [];
    const id = found.RoleName ?? '';
    return [{ name: tagRecord(found.Tags)[tagKeys.name] ?? id, id, raw: { role: found, policy } }];
  },
  read: (raw) => ({
    roleName: raw.role.RoleName ?? '',
    trust: parse(raw.role.AssumeRolePolicyDocument),
    policy: raw.policy,
    tags: ownTags(tagRecord(raw.role.Tags)),
  }),
  async create(aws, name, spec, _idOf, signal) {
    const { roleName: RoleName, trust } = spec;
    await ensure(aws, {
      what: `IAM role ${RoleName}`,
      duplicate: ['EntityAlreadyExists'],
      unique: true,
      signal,
      find: async () => (await findRole(aws))?.RoleName,
      make: async () => {
        const AssumeRolePolicyDocument = JSON.stringify(trust);
        const Tags = allTags(aws, name, spec.tags);
        const command = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Tags });
        return (await aws.iam.write.send(command)).Role?.RoleName;
      },
    });
    await putPolicy(aws, RoleName, spec.policy);
    return RoleName;
  },
  async update(aws, id, spec, changed) {
    if (changed.some((path) => path.startsWith('policy'))) await putPolicy(aws, id, spec.policy);
    if (changed.some((path) => path.startsWith('trust'))) await setTrust(aws, id, spec.trust);
    const { set, drop } = tagChanges(spec.tags, changed);
    if (set.length > 0) {
      await write(aws, () => aws.iam.write.send(new TagRoleCommand({ RoleName: id, Tags: set })));
    }
    if (drop.length > 0) {
      await write(aws, () => aws.iam.write.send(new UntagRoleCommand({ RoleName: id, TagKeys: drop })));
    }
  },
  async delete(aws, id, signal) {
    const RoleName = id;
    const policy = { RoleName, PolicyName: policyName };
    await remove(aws, () => aws.iam.write.send(new DeleteRolePolicyCommand(policy)), signal);
    try {
      await remove(aws, () => aws.iam.write.send(new DeleteRoleCommand({ RoleName })), signal);
    } catch (error) {
      if (codeOf(error) !== 'DeleteConflict') throw error;
      await stripPolicies(aws, RoleName, signal);
      await remove(aws, () => aws.iam.write.send(new DeleteRoleCommand({ RoleName })), signal);
    }
  },
};

/** Takes away what somebody else gave to our role; the policies themselves stay. */
async function stripPolicies(aws: Aws, RoleName: string, signal: AbortSignal): Promise<void> {
  const [attached, inline] = await Promise.all([
    aws.iam.read.send(new ListAttachedRolePoliciesCommand({ RoleName })),
    aws.iam.read.send(new ListRolePoliciesCommand({ RoleName })),
  ]);
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    await remove(aws, () => aws.iam.write.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })), signal);
  }
  for (const PolicyName of inline.PolicyNames ?? []) {
    await remove(
      aws,
      () => aws.iam.write.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
      signal,
    );
  }
}
