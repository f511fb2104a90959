import type { Instance } from '@aws-sdk/client-ec2';
import { fullName } from '../names.js';
import type { Address, Aws, ResourceKind } from '../resource.js';
import { ownTags, tagKeys, tagRecord, type Tags } from '../tags.js';
import { launch } from './instance-launch.js';
import {
  describeAll,
  type InstanceRaw,
  lastSeen,
  listInstances,
  rootMapping,
  sharedFullName,
  sharesName,
} from './instance-list.js';
import { terminate } from './instance-terminate.js';
import { updateInstance } from './instance-update.js';

export interface InstanceSpec {
  readonly role: string;
  readonly type: string;
  readonly image: string;
  readonly subnet: Address | undefined;
  readonly groups: readonly Address[];
  readonly key: Address | undefined;
  readonly profile: Address | undefined;
  readonly volume: {
    readonly device: string;
    readonly size: number;
    readonly type: string;
    readonly encrypted: boolean;
    /** AWS deletes it with the instance. */
    readonly endsWithHost: boolean;
    readonly tags: Tags;
  };
  readonly metadata: { readonly endpoint: string; readonly tokens: string; readonly hopLimit: number };
  /** `standard` or `unlimited` for burstable types. */
  readonly credits: string | undefined;
  readonly tags: Tags;
}

/** A host: an instance with its root volume and its metadata options. */
export const instance: ResourceKind<InstanceSpec, InstanceRaw> = {
  kind: 'instance',
  replaceOn: ['subnet', 'key'],
  stopOn: ['type'],
  mustReplace: ({ path, from, to }) =>
    path === 'volume.encrypted' || (path === 'volume.size' && Number(to) < Number(from)),
  needs: (spec) =>
    [spec.subnet, ...spec.groups, spec.key, spec.profile].filter((address) => address !== undefined),
  // Another profile can be given to a running host.
  standsOn: (spec) => [spec.subnet, ...spec.groups, spec.key].filter((address) => address !== undefined),
  tagsOf: (raw) => tagRecord(raw.instance.Tags),
  shows: ({ instance: raw }) => shown(raw),
  list: listInstances,
  read: ({ instance: raw, volume, name, stack, credits }, nameOf) => ({
    role: tagRecord(raw.Tags)[tagKeys.role] ?? '',
    type: raw.InstanceType ?? '',
    image: raw.ImageId ?? '',
    subnet: nameOf('subnet', raw.SubnetId) as Address,
    groups: (raw.SecurityGroups ?? []).map((one) => nameOf('security-group', one.GroupId) as Address).sort(),
    // A launched host has its key inside: when the pair is deleted in EC2, the host is as good as before.
    key: raw.KeyName === stack ? 'key-pair/main' : (nameOf('key-pair', raw.KeyName) as Address | undefined),
    profile: nameOf('instance-profile', raw.IamInstanceProfile?.Arn?.split('/').at(-1)) as
      Address | undefined,
    volume: {
      device: raw.RootDeviceName ?? '',
      size: volume?.Size ?? 0,
      type: volume?.VolumeType ?? '',
      encrypted: volume?.Encrypted ?? false,
      endsWithHost: rootMapping(raw)?.Ebs?.DeleteOnTermination ?? true,
      tags: individual(raw, ownTags(tagRecord(volume?.Tags)), stack, name),
    },
    metadata: {
      endpoint: raw.MetadataOptions?.HttpEndpoint ?? 'enabled',
      tokens: raw.MetadataOptions?.HttpTokens ?? '',
      hopLimit: raw.MetadataOptions?.HttpPutResponseHopLimit ?? 0,
    },
    credits,
    tags: individual(raw, ownTags(tagRecord(raw.Tags)), stack, name),
  }),
  batch: (spec) => JSON.stringify({ ...spec, tags: withoutName(spec.tags), volume: volumeKey(spec) }),
  async create(aws, name, spec, idOf, signal) {
    const [id] = await launch(aws, [{ name, spec }], idOf, signal);
    return id ?? '';
  },
  createAll: launch,
  update: updateInstance,
  delete: (aws, id, signal) => terminate(aws, [id], signal),
  deleteAll: terminate,
};

function shown(raw: Instance): Record<string, string> {
  return {
    state: raw.State?.Name ?? '',
    role: tagRecord(raw.Tags)[tagKeys.role] ?? '',
    type: raw.InstanceType ?? '',
    zone: raw.Placement?.AvailabilityZone ?? '',
    privateIp: raw.PrivateIpAddress ?? '',
    publicIp: raw.PublicIpAddress ?? '',
  };
}

/**
 * The addresses and states of the stack's instances, by name; one call. None where the last look at them has shown all
 * of `settled`, which don't change any more, with their public addresses.
 */
export async function instancesShown(
  aws: Aws,
  settled: readonly string[] = [],
): Promise<{ name: string; id: string; shows: Record<string, string> }[]> {
  const last = lastSeen(aws);
  const isThere = (id: string): boolean =>
    last.some(
      ({ instance: { InstanceId, PublicIpAddress, State } }) =>
        InstanceId === id && State?.Name === 'running' && PublicIpAddress !== undefined,
    );
  const found = settled.length > 0 && settled.every(isThere) ? last : await describeAll(aws);
  return found.map(({ name, instance: raw }) => ({ name, id: raw.InstanceId ?? '', shows: shown(raw) }));
}

/** Many instances started by one call share a Name tag; as a difference only another one counts. */
function individual(
  raw: Instance,
  tags: Record<string, string>,
  stack: string,
  name: string,
): Record<string, string> {
  const isShared = sharesName(raw) && tags['Name'] === sharedFullName(stack, name);
  return isShared ? { ...tags, Name: fullName(stack, name) } : tags;
}

const withoutName = (tags: Tags): Tags => ({ ...tags, Name: '' });

const volumeKey = (spec: InstanceSpec): object => ({ ...spec.volume, tags: withoutName(spec.volume.tags) });
