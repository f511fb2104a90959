import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { flag, integer, struct, structs, text } from '../../protocol/params.js';
import { ACCOUNT } from '../world.js';
import { steadyId } from '../ids.js';
import { invalid, missing } from './errors.js';
import type { Image } from './image-catalogue.js';
import type { Volume } from './model.js';
import { checkShape, newShape } from './volume-shape.js';

/** A disk of a launch, before it has an id. */
export interface Disk extends Pick<Volume, 'shape' | 'encrypted' | 'kmsKeyId' | 'snapshotId'> {
  readonly device: string;
  readonly deleteOnTermination: boolean;
}

/** The disks of a launch: the image's root disk as the mappings change it, and further ones. */
export function readDisks(fields: Fields, image: Image, region: string): readonly Disk[] {
  const mappings = structs(fields, 'BlockDeviceMapping').filter((one) => struct(one, 'Ebs') !== undefined);
  const devices = mappings.map((one) => text(one, 'DeviceName') ?? '');
  if (devices.includes('')) throw missing('blockDeviceMapping.deviceName');
  if (new Set(devices).size !== devices.length)
    throw new ApiError('InvalidBlockDeviceMapping', 'The same device name is used more than once.');
  const root = mappings.find((one) => text(one, 'DeviceName') === image.rootDevice);
  const others = mappings.filter((one) => one !== root);
  return [root ?? { DeviceName: image.rootDevice }, ...others].map((one) => readDisk(one, image, region));
}

function readDisk(mapping: Fields, image: Image, region: string): Disk {
  const ebs = struct(mapping, 'Ebs') ?? {};
  const device = text(mapping, 'DeviceName') ?? '';
  const isRoot = device === image.rootDevice;
  const size = integer(ebs, 'VolumeSize') ?? (isRoot ? image.rootGib : undefined);
  if (size === undefined)
    throw new ApiError('MissingParameter', `The request must contain the parameter size or snapshotId`);
  if (isRoot && size < image.rootGib)
    throw new ApiError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${size}GB is smaller than snapshot '${image.snapshotId}', expect size>= ${image.rootGib}GB`,
    );
  const encrypted = flag(ebs, 'Encrypted') ?? text(ebs, 'KmsKeyId') !== undefined;
  const key = text(ebs, 'KmsKeyId');
  if (key !== undefined && !encrypted) throw invalid(key, 'kmsKeyId', 'The volume is not encrypted.');
  const shape = newShape({
    size,
    type: text(ebs, 'VolumeType') ?? 'gp3',
    iops: integer(ebs, 'Iops'),
    throughput: integer(ebs, 'Throughput'),
  });
  checkShape(shape);
  return {
    device,
    shape,
    encrypted,
    kmsKeyId: encrypted ? kmsArn(key, region) : undefined,
    snapshotId: isRoot ? image.snapshotId : undefined,
    deleteOnTermination: flag(ebs, 'DeleteOnTermination') ?? true,
  };
}

/** The key as EC2 answers it; without one the account's own EBS key. */
function kmsArn(key: string | undefined, region: string): string {
  if (key?.startsWith('arn:') === true) return key;
  const digits = steadyId('k', `aws/ebs ${region}`).slice(2).padEnd(32, '0');
  const uuid = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  return `arn:aws:kms:${region}:${ACCOUNT}:key/${key ?? uuid}`;
}
