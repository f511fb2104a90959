import { ApiError } from '../../protocol/api-error.js';
import { integer, need, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { pick } from './errors.js';
import type { Volume, VolumeChange } from './model.js';
import { checkShape, newShape } from './volume-shape.js';
import { zoneId } from './zone-catalogue.js';
import { tagSet } from './tagging.js';

const SIX_HOURS = 6 * 3_600_000;

const kind: Describable<Volume> = {
  ids: { parameter: 'VolumeId', prefix: 'vol', of: (volume) => volume.id },
  tags: (volume) => volume.tags,
  page: PAGE,
  filters: {
    'volume-id': (volume) => volume.id,
    'availability-zone': (volume) => volume.zone,
    'attachment.instance-id': (volume) => volume.attachment?.instanceId,
    'attachment.device': (volume) => volume.attachment?.device,
    'attachment.status': (volume) => (volume.attachment === undefined ? undefined : 'attached'),
    'attachment.delete-on-termination': (volume) => volume.attachment?.deleteOnTermination,
    encrypted: (volume) => volume.encrypted,
    size: (volume) => volume.shape.size,
    'volume-type': (volume) => volume.shape.type,
    'snapshot-id': (volume) => volume.snapshotId,
    status: (volume) => statusOf(volume),
    'create-time': (volume) => new Date(volume.created).toISOString(),
  },
};

const statusOf = (volume: Volume): string => (volume.attachment === undefined ? 'available' : 'in-use');

function render(volume: Volume): Answer {
  const { attachment, shape } = volume;
  return {
    volumeId: volume.id,
    size: shape.size,
    snapshotId: volume.snapshotId ?? '',
    availabilityZone: volume.zone,
    availabilityZoneId: zoneId(volume.zone),
    status: statusOf(volume),
    createTime: new Date(volume.created),
    attachmentSet:
      attachment === undefined
        ? []
        : [
            {
              volumeId: volume.id,
              instanceId: attachment.instanceId,
              device: attachment.device,
              status: 'attached',
              attachTime: new Date(attachment.attached),
              deleteOnTermination: attachment.deleteOnTermination,
            },
          ],
    tagSet: tagSet(volume.tags),
    volumeType: shape.type,
    iops: shape.iops,
    throughput: shape.throughput,
    encrypted: volume.encrypted,
    kmsKeyId: volume.kmsKeyId,
    multiAttachEnabled: false,
  };
}

function modify({ fields, ec2, now }: Call): Answer {
  const volume = pick(ec2.volumes, 'vol', need(fields, 'VolumeId'));
  const from = volume.shape;
  const type = text(fields, 'VolumeType') ?? from.type;
  const kept = type === from.type && type !== 'gp2';
  const to = newShape({
    size: integer(fields, 'Size') ?? from.size,
    type,
    iops: integer(fields, 'Iops') ?? (kept ? from.iops : undefined),
    throughput: integer(fields, 'Throughput') ?? (kept ? from.throughput : undefined),
  });
  checkShape(to);
  if (to.size < from.size)
    throw new ApiError(
      'InvalidParameterValue',
      `New size cannot be smaller than existing size ${from.size} GiB`,
    );
  if (volume.change !== undefined && now - volume.change.started < SIX_HOURS)
    throw new ApiError(
      'VolumeModificationRateExceeded',
      `You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.`,
    );
  volume.change = { started: now, from, to };
  volume.shape = to;
  return { volumeModification: renderChange(volume, volume.change) };
}

const renderChange = (volume: Volume, { from, to, started }: VolumeChange): Answer => ({
  volumeId: volume.id,
  modificationState: 'completed',
  targetSize: to.size,
  targetIops: to.iops,
  targetVolumeType: to.type,
  targetThroughput: to.throughput,
  originalSize: from.size,
  originalIops: from.iops,
  originalVolumeType: from.type,
  originalThroughput: from.throughput,
  progress: 100,
  startTime: new Date(started),
  endTime: new Date(started),
});

const changeKind: Describable<Volume> = {
  ...kind,
  filters: {
    'volume-id': (volume) => volume.id,
    'modification-state': () => 'completed',
    'target-size': (volume) => volume.change?.to.size,
    'original-size': (volume) => volume.change?.from.size,
    'target-volume-type': (volume) => volume.change?.to.type,
  },
};

function describeChanges({ fields, ec2 }: Call): Answer {
  const { found, nextToken } = select(fields, Object.values(ec2.volumes), changeKind);
  const changed = found.flatMap((volume) =>
    volume.change === undefined ? [] : [renderChange(volume, volume.change)],
  );
  return { volumeModificationSet: changed, nextToken };
}

function remove({ fields, ec2 }: Call): Answer {
  const volume = pick(ec2.volumes, 'vol', need(fields, 'VolumeId'));
  if (volume.attachment !== undefined)
    throw new ApiError(
      'VolumeInUse',
      `Volume ${volume.id} is currently attached to ${volume.attachment.instanceId}`,
    );
  Reflect.deleteProperty(ec2.volumes, volume.id);
  return DONE;
}

export const volumeActions: Actions = {
  DescribeVolumes: ({ fields, ec2 }) =>
    listed('volumeSet', select(fields, Object.values(ec2.volumes), kind), render),
  ModifyVolume: modify,
  DescribeVolumesModifications: describeChanges,
  DeleteVolume: remove,
};
