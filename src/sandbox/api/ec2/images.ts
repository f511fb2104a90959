import { texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { listed, select, type Describable } from './describe.js';
import { imagesOf, type Image } from './image-catalogue.js';

const kind: Describable<Image> = {
  ids: { parameter: 'ImageId', prefix: 'ami', of: (image) => image.id },
  tags: () => ({}),
  page: { min: 1, max: 1000 },
  filters: {
    'image-id': (image) => image.id,
    name: (image) => image.name,
    description: (image) => image.description,
    architecture: (image) => image.architecture,
    'owner-id': (image) => image.owner,
    'owner-alias': (image) => image.ownerAlias,
    'creation-date': (image) => image.created,
    state: () => 'available',
    'image-type': () => 'machine',
    'is-public': () => true,
    'root-device-name': (image) => image.rootDevice,
    'root-device-type': () => 'ebs',
    'virtualization-type': () => 'hvm',
    hypervisor: () => 'xen',
    'ena-support': () => true,
    'block-device-mapping.device-name': (image) => image.rootDevice,
    'block-device-mapping.volume-type': () => 'gp3',
    'block-device-mapping.snapshot-id': (image) => image.snapshotId,
    platform: () => undefined,
  },
};

const render = (image: Image): Answer => ({
  imageId: image.id,
  imageLocation: `${image.ownerAlias ?? image.owner}/${image.name}`,
  imageState: 'available',
  imageOwnerId: image.owner,
  creationDate: image.created,
  isPublic: true,
  architecture: image.architecture,
  imageType: 'machine',
  imageOwnerAlias: image.ownerAlias,
  name: image.name,
  description: image.description,
  rootDeviceType: 'ebs',
  rootDeviceName: image.rootDevice,
  blockDeviceMapping: [
    {
      deviceName: image.rootDevice,
      ebs: {
        snapshotId: image.snapshotId,
        volumeSize: image.rootGib,
        deleteOnTermination: true,
        volumeType: 'gp3',
        iops: 3000,
        throughput: 125,
        encrypted: false,
      },
    },
  ],
  virtualizationType: 'hvm',
  hypervisor: 'xen',
  enaSupport: true,
  sriovNetSupport: 'simple',
  bootMode: image.architecture === 'arm64' ? 'uefi' : 'uefi-preferred',
  imdsSupport: 'v2.0',
  platformDetails: 'Linux/UNIX',
  usageOperation: 'RunInstances',
});

function describe({ fields, region }: Call): Answer {
  const owners = texts(fields, 'Owner');
  const owned = imagesOf(region).filter(
    ({ owner, ownerAlias }) =>
      owners.length === 0 || owners.some((one) => one === owner || one === ownerAlias),
  );
  return listed('imagesSet', select(fields, owned, kind), render);
}

export const imageActions: Actions = { DescribeImages: describe };
