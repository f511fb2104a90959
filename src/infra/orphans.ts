import {
  paginateDescribeInstances,
  paginateDescribeTags,
  paginateDescribeVolumes,
  type TagDescription,
} from '@aws-sdk/client-ec2';
import { GetRoleCommand, paginateListRoles } from '@aws-sdk/client-iam';
import { hostRoleName } from './names.js';
import { gather } from './pages.js';
import type { Aws } from './resource.js';
import { tagKeys, tagRecord } from './tags.js';

/** Something that carries the tag of a stack that isn't whole. */
export interface Orphan {
  readonly stack: string;
  /** `security-group`, `instance`, `volume`, as EC2 calls it; `role` for IAM's. */
  readonly type: string;
  readonly name: string;
  readonly id: string;
}

/**
 * What carries our tags in this region and belongs to no complete stack, sorted by stack. A stack is complete when it
 * has its two groups, its monitoring host and an application host. Tags in one call, instances and roles in one
 * each.
 */
export async function findOrphans(aws: Aws): Promise<Orphan[]> {
  const Filters = [{ Name: 'key', Values: [tagKeys.stack, tagKeys.name] }];
  const [tags, alive] = await Promise.all([
    gather(paginateDescribeTags({ client: aws.ec2.read }, { Filters }), (page) => page.Tags),
    liveInstances(aws),
  ]);
  const all = tagged(tags).filter(({ type, id }) => type !== 'instance' || alive.has(id));
  const whole = new Set([...new Set(all.map(({ stack }) => stack))].filter((stack) => isWhole(all, stack)));
  const doubted = all.filter(({ stack }) => !whole.has(stack));
  const [here, roles] = await Promise.all([withoutEnded(aws, doubted), lostRoles(aws, whole)]);
  const order = ({ stack, type, name }: Orphan): string => `${stack} ${type} ${name}`;
  return [...here, ...roles].sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

/** Pure: each resource with the stack and the name that its tags give. */
function tagged(tags: readonly TagDescription[]): Orphan[] {
  const names = new Map(
    tags.flatMap(({ Key, ResourceId, Value }) => (Key === tagKeys.name ? [[ResourceId, Value]] : [])),
  );
  return tags
    .filter(({ Key }) => Key === tagKeys.stack)
    .map(({ ResourceId = '', ResourceType = '', Value = '' }) => ({
      stack: Value,
      type: ResourceType,
      name: names.get(ResourceId) ?? '',
      id: ResourceId,
    }));
}

function isWhole(all: readonly Orphan[], stack: string): boolean {
  const has = (type: string, name: RegExp): boolean =>
    all.some((one) => one.stack === stack && one.type === type && name.test(one.name));
  return (
    has('security-group', /^monitoring$/) &&
    has('security-group', /^web$/) &&
    has('instance', /^monitoring$/) &&
    has('instance', /^application-/)
  );
}

/** Tags outlive terminated instances by an hour: those aren't there any more. */
async function liveInstances(aws: Aws): Promise<ReadonlySet<string>> {
  const Filters = [
    { Name: 'tag-key', Values: [tagKeys.stack] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ];
  const pages = paginateDescribeInstances({ client: aws.ec2.read }, { Filters });
  const reservations = await gather(pages, (page) => page.Reservations);
  return new Set(reservations.flatMap(({ Instances = [] }) => Instances.map((one) => one.InstanceId ?? '')));
}

/** Without the volumes and interfaces that went with their instance. */
async function withoutEnded(aws: Aws, doubted: readonly Orphan[]): Promise<Orphan[]> {
  const volumes = doubted.flatMap(({ type, id }) => (type === 'volume' ? [id] : []));
  const alive = new Set(await liveVolumes(aws, volumes));
  return doubted.filter(({ type, id }) => type !== 'volume' || alive.has(id));
}

async function liveVolumes(aws: Aws, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const Filters = [{ Name: 'volume-id', Values: [...ids] }];
  const pages = paginateDescribeVolumes({ client: aws.ec2.read }, { Filters });
  return (await gather(pages, (page) => page.Volumes)).map(({ VolumeId = '' }) => VolumeId);
}

/** EC2's tags don't know IAM: roles are told by the name that a stack of this region gives them. */
async function lostRoles(aws: Aws, whole: ReadonlySet<string>): Promise<Orphan[]> {
  const kept = new Set([...whole].map((stack) => hostRoleName(stack, aws.region)));
  const ending = `-${aws.region}-host`;
  let names: string[];
  try {
    const pages = paginateListRoles({ client: aws.iam.read, pageSize: 1000 }, {});
    names = (await gather(pages, (page) => page.Roles)).map(({ RoleName = '' }) => RoleName);
  } catch {
    // Without the permission EC2's part is still told.
    return [];
  }
  const lost = names.filter((name) => name.endsWith(ending) && !kept.has(name));
  return Promise.all(lost.map((name) => roleOrphan(aws, name))).then((found) => found.flat());
}

/** A name alone proves nothing: the role must carry the tag. */
async function roleOrphan(aws: Aws, RoleName: string): Promise<Orphan[]> {
  const { Role } = await aws.iam.read.send(new GetRoleCommand({ RoleName }));
  const stack = tagRecord(Role?.Tags)[tagKeys.stack];
  return stack === undefined ? [] : [{ stack, type: 'role', name: 'host', id: RoleName }];
}
