import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  type Filter,
  type IpPermission,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { ensure, write } from '../ensure.js';
import { removeFrom } from '../holders.js';
import { gather } from '../pages.js';
import type { Address, Aws, IdOf, NameOf, ResourceKind } from '../resource.js';
import { groupsIn, permissions, readRules, type Rules } from '../rules.js';
import { ownTags, retag, stackFilter, tagKeys, tagOnCreate, tagRecord, type Tags } from '../tags.js';

export interface SecurityGroupSpec {
  readonly vpc: Address | undefined;
  readonly groupName: string;
  /** AWS can't change it: keep it constant. */
  readonly description: string;
  readonly ingress: Rules;
  readonly egress: Rules;
  readonly tags: Tags;
}

/** What AWS puts into every new group. */
export const defaultEgress: Rules = { 'all to 0.0.0.0/0': '' };

const listGroups = (aws: Aws, filters: Filter[]): Promise<SecurityGroup[]> =>
  gather(
    paginateDescribeSecurityGroups({ client: aws.ec2.read }, { Filters: filters }),
    (page) => page.SecurityGroups,
  );

type Way = 'ingress' | 'egress';

async function authorize(aws: Aws, way: Way, GroupId: string, IpPermissions: IpPermission[]): Promise<void> {
  const input = { GroupId, IpPermissions };
  const send = (): Promise<unknown> =>
    way === 'ingress'
      ? aws.ec2.write.send(new AuthorizeSecurityGroupIngressCommand(input))
      : aws.ec2.write.send(new AuthorizeSecurityGroupEgressCommand(input));
  await write(aws, send);
}

async function revoke(aws: Aws, way: Way, GroupId: string, IpPermissions: IpPermission[]): Promise<void> {
  const input = { GroupId, IpPermissions };
  const send = (): Promise<unknown> =>
    way === 'ingress'
      ? aws.ec2.write.send(new RevokeSecurityGroupIngressCommand(input))
      : aws.ec2.write.send(new RevokeSecurityGroupEgressCommand(input));
  await write(aws, send, { done: ['InvalidPermission.NotFound'] });
}

/** Adds all missing rules in one call. AWS refuses the whole call if one exists, so then it looks and adds the rest. */
async function add(aws: Aws, way: Way, id: string, wanted: Rules, idOf: IdOf): Promise<void> {
  let missing = wanted;
  for (let attempt = 1; Object.keys(missing).length > 0; attempt += 1) {
    try {
      await authorize(aws, way, id, permissions(missing, idOf));
      return;
    } catch (error) {
      if ((error as Error).name !== 'InvalidPermission.Duplicate' || attempt > 5) throw error;
      const present = await actualRules(aws, way, id, idOf, wanted);
      missing = Object.fromEntries(Object.entries(wanted).filter(([rule]) => !(rule in present)));
    }
  }
}

/** The rules a group has now, with the groups that `hints` name under their addresses. */
async function actualRules(aws: Aws, way: Way, id: string, idOf: IdOf, hints: Rules): Promise<Rules> {
  const [group] = await listGroups(aws, [{ Name: 'group-id', Values: [id] }]);
  const known = new Map(groupsIn(hints).map((address) => [idOf(address), address]));
  const nameOf: NameOf = (_kind, groupId) => known.get(groupId ?? '') ?? groupId;
  const list = way === 'ingress' ? group?.IpPermissions : group?.IpPermissionsEgress;
  return readRules(list ?? [], nameOf, way === 'ingress' ? 'from' : 'to');
}

/** Brings one direction to what is wanted: strangers and changed descriptions go, what is missing comes. */
async function arrange(aws: Aws, way: Way, id: string, wanted: Rules, idOf: IdOf): Promise<void> {
  const present = await actualRules(aws, way, id, idOf, wanted);
  const stray = Object.fromEntries(
    Object.entries(present).filter(([rule, description]) => wanted[rule] !== description),
  );
  if (Object.keys(stray).length > 0) await revoke(aws, way, id, permissions(stray, idOf));
  const missing = Object.entries(wanted).filter(([rule]) => present[rule] === undefined || rule in stray);
  await add(aws, way, id, Object.fromEntries(missing), idOf);
}

/** Who may reach the hosts. Rules are a field of the group, compared one by one. */
export const securityGroup: ResourceKind<SecurityGroupSpec, SecurityGroup> = {
  kind: 'security-group',
  replaceOn: ['vpc', 'groupName', 'description'],
  needs: (spec) => [
    ...(spec.vpc === undefined ? [] : [spec.vpc]),
    ...groupsIn(spec.ingress),
    ...groupsIn(spec.egress),
  ],
  tagsOf: (raw) => tagRecord(raw.Tags),
  async list(aws) {
    const groups = await listGroups(aws, [stackFilter(aws)]);
    return groups.map((raw) => {
      const id = raw.GroupId ?? '';
      return { name: tagRecord(raw.Tags)[tagKeys.name] ?? id, id, raw };
    });
  },
  read: (raw, nameOf) => ({
    vpc: nameOf('vpc', raw.VpcId) as Address,
    groupName: raw.GroupName ?? '',
    description: raw.Description ?? '',
    ingress: readRules(raw.IpPermissions ?? [], nameOf, 'from'),
    egress: readRules(raw.IpPermissionsEgress ?? [], nameOf, 'to'),
    tags: ownTags(tagRecord(raw.Tags)),
  }),
  async create(aws, name, spec, idOf, signal) {
    const VpcId = idOf(spec.vpc as Address);
    const { groupName: GroupName, description: Description } = spec;
    const adopted = { is: false };
    const id = await ensure(aws, {
      what: `security group ${GroupName}`,
      duplicate: ['InvalidGroup.Duplicate'],
      unique: true,
      signal,
      find: async () => {
        const named = { Name: 'group-name', Values: [GroupName] };
        const here = { Name: 'vpc-id', Values: [VpcId] };
        const [group] = await listGroups(aws, [stackFilter(aws), named, here]);
        adopted.is = group !== undefined;
        return group?.GroupId;
      },
      make: async () => {
        const TagSpecifications = tagOnCreate(aws, 'security-group', name, spec.tags);
        const command = new CreateSecurityGroupCommand({ GroupName, Description, VpcId, TagSpecifications });
        return (await aws.ec2.write.send(command)).GroupId;
      },
    });
    const usual = JSON.stringify(spec.egress) === JSON.stringify(defaultEgress);
    await (adopted.is
      ? arrange(aws, 'ingress', id, spec.ingress, idOf)
      : add(aws, 'ingress', id, spec.ingress, idOf));
    if (adopted.is || !usual) await arrange(aws, 'egress', id, spec.egress, idOf);
    return id;
  },
  async update(aws, id, spec, changed, idOf) {
    for (const way of ['ingress', 'egress'] as const) {
      if (changed.some((path) => path.startsWith(way))) await arrange(aws, way, id, spec[way], idOf);
    }
    await retag(aws, id, spec.tags, changed);
  },
  delete: (aws, id, signal) =>
    removeFrom(aws, {
      what: `security group ${id}`,
      filter: { Name: 'group-id', Values: [id] },
      send: () => aws.ec2.write.send(new DeleteSecurityGroupCommand({ GroupId: id })),
      signal,
    }),
};
