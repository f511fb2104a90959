import {
  AssociateIamInstanceProfileCommand,
  CreateTagsCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstanceCreditSpecificationsCommand,
  DescribeInstancesCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  ModifyInstanceCreditSpecificationCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifyVolumeCommand,
  type ModifyVolumeCommandInput,
  ReplaceIamInstanceProfileAssociationCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CloudopsError } from '../../errors.js';
import { write } from '../ensure.js';
import type { Aws, IdOf } from '../resource.js';
import { retag, tagKeys } from '../tags.js';
import { poll } from '../wait.js';
import type { InstanceSpec } from './instance.js';
import { rootMapping, rootVolumeId } from './instance-list.js';

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
  if (has('profile')) await giveProfile(aws, id, spec.profile && idOf(spec.profile));
  if (has('type')) await changeType(aws, id, spec.type);
  // A host that becomes burstable starts with AWS's default.
  if (spec.credits !== undefined && (has('credits') || has('type'))) await setCredits(aws, id, spec.credits);
  if (has('role')) {
    const Tags = [{ Key: tagKeys.role, Value: spec.role }];
    await write(aws, () => aws.ec2.write.send(new CreateTagsCommand({ Resources: [id], Tags })));
  }
  await retag(aws, id, spec.tags, changed);
}

/** Gives a host another profile, or one where somebody took it away, while it runs. */
async function giveProfile(aws: Aws, InstanceId: string, Name: string | undefined): Promise<void> {
  const Filters = [{ Name: 'instance-id', Values: [InstanceId] }];
  await write(aws, async () => {
    const command = new DescribeIamInstanceProfileAssociationsCommand({ Filters });
    const { IamInstanceProfileAssociations = [] } = await aws.ec2.read.send(command);
    const present = IamInstanceProfileAssociations.find(({ State }) => /^associat/.test(State ?? ''));
    const AssociationId = present?.AssociationId;
    const IamInstanceProfile = { Name };
    if (present?.IamInstanceProfile?.Arn?.split('/').at(-1) === Name) return;
    await (AssociationId === undefined
      ? aws.ec2.write.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile }))
      : aws.ec2.write.send(
          new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile }),
        ));
  });
}

/** Looks first: a host that has become burstable may be right already. */
async function setCredits(aws: Aws, InstanceId: string, CpuCredits: string): Promise<void> {
  const look = new DescribeInstanceCreditSpecificationsCommand({ InstanceIds: [InstanceId] });
  const { InstanceCreditSpecifications = [] } = await aws.ec2.read.send(look);
  if (InstanceCreditSpecifications[0]?.CpuCredits === CpuCredits) return;
  const input = { InstanceCreditSpecifications: [{ InstanceId, CpuCredits }] };
  await write(aws, () => aws.ec2.write.send(new ModifyInstanceCreditSpecificationCommand(input)));
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
  if (changed.includes('volume.endsWithHost')) {
    const DeviceName = instance && rootMapping(instance)?.DeviceName;
    const Ebs = { VolumeId, DeleteOnTermination: volume.endsWithHost };
    const mapping = { InstanceId: id, BlockDeviceMappings: [{ DeviceName, Ebs }] };
    await write(aws, () => aws.ec2.write.send(new ModifyInstanceAttributeCommand(mapping)));
  }
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
