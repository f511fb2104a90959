import {
  DescribeInstanceCreditSpecificationsCommand,
  type Filter,
  type Instance,
  type InstanceBlockDeviceMapping,
  paginateDescribeInstances,
  paginateDescribeVolumes,
  type Volume,
} from '@aws-sdk/client-ec2';
import { isGone, isUnknownAction } from '../faults.js';
import { fullName } from '../names.js';
import { gather } from '../pages.js';
import type { Aws, Found } from '../resource.js';
import { stackFilter, tagKeys, tagRecord } from '../tags.js';

export interface InstanceRaw {
  readonly instance: Instance;
  readonly volume: Volume | undefined;
  readonly name: string;
  readonly stack: string;
  /** `standard` or `unlimited`; undefined where the type isn't burstable or the endpoint doesn't say. */
  readonly credits: string | undefined;
}

export interface NamedInstance {
  readonly name: string;
  readonly instance: Instance;
}

const alive: Filter = {
  Name: 'instance-state-name',
  Values: ['pending', 'running', 'stopping', 'stopped'],
};

const seen = new WeakMap<Aws['ec2'], readonly NamedInstance[]>();

/** What `describeAll` gave last in this run. */
export const lastSeen = (aws: Aws): readonly NamedInstance[] => seen.get(aws.ec2) ?? [];

/** The stack's instances with their names; those that are going or gone are left out. */
export async function describeAll(aws: Aws): Promise<NamedInstance[]> {
  const pages = paginateDescribeInstances({ client: aws.ec2.read }, { Filters: [stackFilter(aws), alive] });
  const reservations = await gather(pages, (page) => page.Reservations);
  const found = reservations.flatMap(({ Instances = [] }) =>
    Instances.map((instance) => ({ name: nameOfInstance(instance), instance })),
  );
  seen.set(aws.ec2, found);
  return found;
}

/**
 * One call starts several hosts, and all tags are given in it: `cloudops:name` is then `application-1,3,5`, and the
 * launch index, unique in a call, says who is who.
 */
export function nameOfInstance(instance: Instance): string {
  const tag = tagRecord(instance.Tags)[tagKeys.name] ?? instance.InstanceId ?? '';
  const many = /^(.+)-(\d+(?:,\d+)+)$/.exec(tag);
  if (many === null) return tag;
  const numbers = (many[2] ?? '').split(',');
  return `${many[1] ?? ''}-${numbers[instance.AmiLaunchIndex ?? 0] ?? numbers[0] ?? ''}`;
}

/** The name tag for hosts that one call starts; the inverse of `nameOfInstance`. */
export function sharedName(names: readonly string[]): string {
  const [first = ''] = names;
  if (names.length === 1) return first;
  const base = first.replace(/-\d+$/, '');
  return `${base}-${names.map((name) => name.slice(base.length + 1)).join(',')}`;
}

/** So many hosts of one call get a Name of their own, by a call each; more share one: up with 50 stays cheap. */
export const ownNames = 4;

/** True when the instance was started by one call with so many others that they share a Name. */
export function sharesName(instance: Instance): boolean {
  const tag = tagRecord(instance.Tags)[tagKeys.name] ?? '';
  return tag.split(',').length > ownNames;
}

/** The Name that hosts of one call share, e.g. `smartcloudops-dev-application`. */
export function sharedFullName(stack: string, name: string): string {
  return fullName(stack, name.replace(/-\d+$/, ''));
}

export async function listInstances(aws: Aws, lean = false): Promise<Found<InstanceRaw>[]> {
  if (lean) return (await describeAll(aws)).map((one) => foundOf(aws, one, [], new Map()));
  const pages = paginateDescribeVolumes({ client: aws.ec2.read }, { Filters: [stackFilter(aws)] });
  const [instances, tagged] = await Promise.all([describeAll(aws), gather(pages, (page) => page.Volumes)]);
  const [more, credits] = await Promise.all([untagged(aws, instances, tagged), creditsOf(aws, instances)]);
  const volumes = [...tagged, ...more];
  return instances.map((one) => foundOf(aws, one, volumes, credits));
}

function foundOf(
  aws: Aws,
  { name, instance }: NamedInstance,
  volumes: readonly Volume[],
  credits: ReadonlyMap<string, string>,
): Found<InstanceRaw> {
  const id = instance.InstanceId ?? '';
  const rootId = rootVolumeId(instance);
  const volume = volumes.find((one) => one.VolumeId === rootId);
  return { name, id, raw: { instance, volume, name, stack: aws.stack, credits: credits.get(id) } };
}

/** How an instance holds the volume that it starts from. */
export function rootMapping(instance: Instance): InstanceBlockDeviceMapping | undefined {
  const mappings = instance.BlockDeviceMappings ?? [];
  return mappings.find((one) => one.DeviceName === instance.RootDeviceName) ?? mappings[0];
}

/** The volume that an instance starts from. */
export function rootVolumeId(instance: Instance): string | undefined {
  return rootMapping(instance)?.Ebs?.VolumeId;
}

/** How the burstable ones among them pay for bursts; empty where an endpoint doesn't know the question. */
async function creditsOf(aws: Aws, instances: readonly NamedInstance[]): Promise<Map<string, string>> {
  const burstable = instances.filter(({ instance }) => /^t\d/.test(instance.InstanceType ?? ''));
  if (burstable.length === 0) return new Map();
  const InstanceIds = burstable.map(({ instance }) => instance.InstanceId ?? '');
  try {
    const command = new DescribeInstanceCreditSpecificationsCommand({ InstanceIds });
    const { InstanceCreditSpecifications = [] } = await aws.ec2.read.send(command);
    return new Map(InstanceCreditSpecifications.map((one) => [one.InstanceId ?? '', one.CpuCredits ?? '']));
  } catch (error) {
    if (isGone(error) || isUnknownAction(error)) return new Map();
    throw error;
  }
}

/** Root volumes that somebody took our tag from. */
async function untagged(
  aws: Aws,
  instances: readonly NamedInstance[],
  tagged: readonly Volume[],
): Promise<Volume[]> {
  const missing = instances
    .map(({ instance }) => rootVolumeId(instance))
    .filter((id) => id !== undefined && !tagged.some((one) => one.VolumeId === id)) as string[];
  if (missing.length === 0) return [];
  const Filters = [{ Name: 'volume-id', Values: missing }];
  return gather(paginateDescribeVolumes({ client: aws.ec2.read }, { Filters }), (page) => page.Volumes);
}
