import { createHash } from 'node:crypto';
import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { flag, integer, need, struct, structs, text, texts } from '../../protocol/params.js';
import type { Call } from '../call.js';
import type { InstanceProfile } from '../iam/model.js';
import { invalid, notFound, pick } from './errors.js';
import { imagesOf, type Image } from './image-catalogue.js';
import { chooseGroups, findProfile } from './launch-references.js';
import type { Ec2Region, MetadataOptions, Subnet, Tags } from './model.js';
import { mergeMetadata, METADATA_DEFAULTS } from './metadata.js';
import { readTags } from './tagging.js';
import { findType, offeredIn, type InstanceType } from './type-catalogue.js';
import { zonesOf } from './zone-catalogue.js';

/** A checked RunInstances request. */
export interface Launch {
  readonly count: number;
  readonly image: Image;
  readonly type: InstanceType;
  readonly subnet: Subnet;
  readonly groups: readonly string[];
  readonly keyName: string | undefined;
  readonly profile: InstanceProfile | undefined;
  readonly privateIp: string | undefined;
  readonly publicIp: boolean;
  readonly network: Fields | undefined;
  readonly userData: string | undefined;
  readonly metadata: MetadataOptions;
  readonly cpuCredits: string | undefined;
  readonly tags: Readonly<Record<'instance' | 'volume' | 'network-interface', Tags>>;
}

const TAGGABLE = ['instance', 'volume', 'network-interface', 'spot-instances-request', 'elastic-gpu'];

/** Hash of everything but the token: the same token with another hash is a mismatch. */
export function launchHash(fields: Fields): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...fields, ClientToken: undefined }))
    .digest('hex');
}

/** Reads and checks a RunInstances call; nothing is made yet. */
export function readLaunch(call: Call): Launch {
  const { fields, ec2 } = call;
  const min = integer(fields, 'MinCount') ?? Number(need(fields, 'MinCount'));
  const count = integer(fields, 'MaxCount') ?? Number(need(fields, 'MaxCount'));
  if (min < 1 || count < min)
    throw invalid(String(min), 'minCount', `Expecting a value between 1 and ${count}.`);
  const image = findImage(call);
  const type = findTypeFor(fields, image);
  const keyName = text(fields, 'KeyName');
  if (keyName !== undefined && !Object.hasOwn(ec2.keyPairs, keyName)) throw notFound('key', keyName);
  const network = primaryNetwork(fields);
  const subnet = chooseSubnet(call, network, type);
  checkVcpus(call, type, min);
  return {
    count,
    image,
    type,
    subnet,
    groups: chooseGroups(ec2, subnet, fields, network),
    keyName,
    profile: findProfile(call.iam, struct(fields, 'IamInstanceProfile')),
    privateIp: text(network ?? fields, 'PrivateIpAddress'),
    publicIp: flag(network ?? {}, 'AssociatePublicIpAddress') ?? subnet.mapPublicIp,
    network,
    userData: checkUserData(text(fields, 'UserData')),
    metadata: mergeMetadata(METADATA_DEFAULTS, struct(fields, 'MetadataOptions') ?? {}),
    cpuCredits: creditsFor(fields, type),
    tags: launchTags(fields),
  };
}

function findImage({ fields, region }: Call): Image {
  const id = need(fields, 'ImageId');
  const image = imagesOf(region).find((one) => one.id === id);
  if (image !== undefined) return image;
  const error = notFound('ami', id);
  throw error.code.endsWith('Malformed')
    ? error
    : new ApiError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

function findTypeFor(fields: Fields, image: Image): InstanceType {
  const name = text(fields, 'InstanceType') ?? (image.architecture === 'arm64' ? 't4g.micro' : 't3.micro');
  const type = findType(name);
  if (type === undefined)
    throw new ApiError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  if (type.architecture !== image.architecture)
    throw new ApiError(
      'InvalidParameterValue',
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  return type;
}

function primaryNetwork(fields: Fields): Fields | undefined {
  const all = structs(fields, 'NetworkInterface');
  const network = all.find((one) => integer(one, 'DeviceIndex') === 0) ?? all[0];
  if (network === undefined) return undefined;
  if (all.length > 1 || text(network, 'NetworkInterfaceId') !== undefined)
    throw new ApiError('UnsupportedOperation', 'The sandbox gives an instance one new network interface.');
  for (const [name, word] of [
    ['SubnetId', 'subnet ID'],
    ['PrivateIpAddress', 'private address'],
  ] as const)
    if (text(fields, name) !== undefined) throw mixed(`an instance-level ${word}`);
  if (texts(fields, 'SecurityGroupId').length > 0) throw mixed('instance-level security groups');
  return network;
}

const mixed = (what: string): ApiError =>
  new ApiError(
    'InvalidParameterCombination',
    `Network interfaces and ${what} may not be specified on the same request`,
  );

function chooseSubnet(call: Call, network: Fields | undefined, type: InstanceType): Subnet {
  const { fields, ec2, region } = call;
  const id = text(network ?? {}, 'SubnetId') ?? text(fields, 'SubnetId');
  const zone = text(struct(fields, 'Placement') ?? {}, 'AvailabilityZone');
  const subnet = id === undefined ? defaultSubnet(ec2, zone) : pick(ec2.subnets, 'subnet', id);
  if (zone !== undefined && zone !== subnet.zone)
    throw invalid(zone, 'availabilityZone', `The subnet is in ${subnet.zone}.`);
  if (!offeredIn(type, subnet.zone)) {
    const others = zonesOf(region).filter((one) => offeredIn(type, one));
    throw new ApiError(
      'Unsupported',
      `Your requested instance type (${type.name}) is not supported in your requested Availability Zone (${subnet.zone}). Please retry your request by not specifying an Availability Zone or choosing ${others.join(', ')}.`,
    );
  }
  return subnet;
}

function defaultSubnet(ec2: Ec2Region, zone: string | undefined): Subnet {
  const subnet = Object.values(ec2.subnets).find(
    (one) => one.isDefault && (zone === undefined || one.zone === zone),
  );
  if (subnet === undefined)
    throw new ApiError('MissingInput', 'No subnets found for the default VPC. Please specify a subnet.');
  return subnet;
}

function checkVcpus({ ec2, limits }: Call, type: InstanceType, count: number): void {
  const used = Object.values(ec2.instances)
    .filter((one) => one.state === 'pending' || one.state === 'running')
    .reduce((sum, one) => sum + (findType(one.type)?.vcpus ?? 0), 0);
  if (used + type.vcpus * count > limits.vcpus)
    throw new ApiError(
      'VcpuLimitExceeded',
      `You have requested more vCPU capacity than your current vCPU limit of ${limits.vcpus} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
    );
}

function checkUserData(userData: string | undefined): string | undefined {
  if (userData === undefined || userData === '') return undefined;
  if (!/^[A-Za-z0-9+/=\s]*$/.test(userData))
    throw new ApiError('InvalidParameterValue', 'Invalid BASE64 encoding of user data.');
  if (Buffer.from(userData, 'base64').length > 16384)
    throw new ApiError('InvalidParameterValue', 'User data is limited to 16384 bytes');
  return userData;
}

function creditsFor(fields: Fields, type: InstanceType): string | undefined {
  const given = text(struct(fields, 'CreditSpecification') ?? {}, 'CpuCredits');
  if (given !== undefined && given !== 'standard' && given !== 'unlimited')
    throw invalid(given, 'CpuCredits');
  if (!type.burstable) return undefined;
  return given ?? (type.name.startsWith('t2.') ? 'standard' : 'unlimited');
}

function launchTags(fields: Fields): Launch['tags'] {
  const tags = { instance: {}, volume: {}, 'network-interface': {} };
  for (const specification of structs(fields, 'TagSpecification')) {
    const type = text(specification, 'ResourceType') ?? '';
    if (!TAGGABLE.includes(type))
      throw new ApiError(
        'InvalidParameterValue',
        `'${type}' is not a valid taggable resource type for this operation.`,
      );
    if (type === 'instance' || type === 'volume' || type === 'network-interface')
      Object.assign(tags[type], readTags(specification));
  }
  return tags;
}
