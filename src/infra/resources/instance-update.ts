import {
  DescribeInstancesCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifyVolumeCommand,
  type ModifyVolumeCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CloudopsError } from '../../errors.js';
import { write } from '../ensure.js';
import type { Aws, IdOf } from '../resource.js';
import { retag } from '../tags.js';
import { poll } from '../wait.js';
import type { InstanceSpec } from './instance.js';
import { rootVolumeId } from './instance-list.js';

/** Changes a host in place: groups, metadata options, volume, tags; another type by stopping it. */
export async function updateInstance(
  aws: Aws,
  id: string,
  spec: InstanceSpec,
  changed: readonly string[],
  idOf: IdOf,
): Promise<void> {
  const has = (field: string): boolean =>
    changed.some((path) => path === field || path.startsWith(`${field}.`));
  if (has('groups')) {
    const input = { InstanceId: id, Groups: spec.groups.map((group) => idOf(group)) };
    await write(aws, () => aws.ec2.write.send(new ModifyInstanceAttributeCommand(input)));
  }
  if (has('metadata')) await setMetadata(aws, id, spec);
  if (has('volume')) await changeVolume(aws, id, spec, changed);
  if (has('type')) await changeType(aws, id, spec.type);
  await retag(aws, id, spec.tags, changed);
}

/** All options together: some endpoints reset what isn't given. */
async function setMetadata(aws: Aws, InstanceId: string, { metadata }: InstanceSpec): Promise<void> {
  const input = {
    InstanceId,
    HttpEndpoint: metadata.endpoint as 'enabled',
    HttpTokens: metadata.tokens as 'required',
    HttpPutResponseHopLimit: metadata.hopLimit,
  };
  await write(aws, () => aws.ec2.write.send(new ModifyInstanceMetadataOptionsCommand(input)));
}

async function changeVolume(
  aws: Aws,
  id: string,
  { volume }: InstanceSpec,
  changed: readonly string[],
): Promise<void> {
  const instance = await describe(aws, id);
  const VolumeId = instance && rootVolumeId(instance);
  if (VolumeId === undefined) throw new Error(`instance ${id} has no root volume`);
  const input: ModifyVolumeCommandInput = {
    VolumeId,
    ...(changed.includes('volume.size') && { Size: volume.size }),
    ...(changed.includes('volume.type') && { VolumeType: volume.type as 'gp3' }),
  };
  if (Object.keys(input).length > 1)
    await write(aws, () => aws.ec2.write.send(new ModifyVolumeCommand(input)));
  await retag(aws, VolumeId, volume.tags, changed, 'volume.tags.');
}

async function changeType(aws: Aws, id: string, type: string): Promise<void> {
  const InstanceIds = [id];
  const wasRunning = /running|pending/.test((await describe(aws, id))?.State?.Name ?? '');
  await write(aws, () => aws.ec2.write.send(new StopInstancesCommand({ InstanceIds })));
  await awaitState(aws, id, 'stopped');
  const input = { InstanceId: id, InstanceType: { Value: type } };
  await write(aws, () => aws.ec2.write.send(new ModifyInstanceAttributeCommand(input)));
  if (!wasRunning) return;
  await write(aws, () => aws.ec2.write.send(new StartInstancesCommand({ InstanceIds })));
  await awaitState(aws, id, 'running');
}

async function awaitState(aws: Aws, id: string, state: string): Promise<void> {
  const ask = async (): Promise<true | undefined> =>
    (await describe(aws, id))?.State?.Name === state ? true : undefined;
  if ((await poll(aws, ask, { limitMs: 300_000 })) === true) return;
  throw new CloudopsError({
    code: 'INSTANCE_STATE',
    what: `Instance ${id} is not ${state} after 5 minutes.`,
    fix: ["Look at it with 'cloudops infra status', then run the same command again."],
  });
}

async function describe(aws: Aws, id: string): Promise<Instance | undefined> {
  const { Reservations } = await aws.ec2.read.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0];
}
