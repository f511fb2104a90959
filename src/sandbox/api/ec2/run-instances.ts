import { ApiError } from '../../protocol/api-error.js';
import { flag, struct, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { contains, formatIp, parseCidr, parseIp, size } from '../cidr.js';
import { profileArn } from '../iam/arns.js';
import { newId } from '../ids.js';
import { invalid } from './errors.js';
import { renderReservation } from './instance-view.js';
import { readDisks, type Disk } from './launch-disks.js';
import { macOf } from './interface-view.js';
import { launchHash, readLaunch, type Launch } from './launch-request.js';
import type { Ec2Region, Instance, NetworkInterface, Subnet } from './model.js';

function runInstances(call: Call): Answer {
  const { ec2, fields } = call;
  const token = text(fields, 'ClientToken');
  if (token !== undefined && token.length > 64) throw invalid(token, 'clientToken', 'At most 64 characters.');
  const hash = launchHash(fields);
  const before = token === undefined ? [] : launchedBefore(ec2, token, hash);
  if (before.length > 0) return renderReservation(call, before);
  const launch = readLaunch(call);
  const disks = readDisks(fields, launch.image, call.region);
  const addresses = chooseAddresses(ec2, launch);
  const reservationId = newId('r');
  const made = addresses.map((privateIp, launchIndex) =>
    addInstance(call, launch, disks, { privateIp, launchIndex, reservationId, token, hash }),
  );
  for (const instance of made) call.life.start(ec2, instance, true);
  return renderReservation(call, made);
}

function launchedBefore(ec2: Ec2Region, token: string, hash: string): readonly Instance[] {
  const before = Object.values(ec2.instances).filter((one) => one.clientToken === token);
  if (before.some((one) => one.launchHash !== hash))
    throw new ApiError(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  if (before.some((one) => one.state === 'terminated' || one.state === 'shutting-down'))
    throw new ApiError(
      'IdempotentInstanceTerminated',
      'The instance that was launched with this client token has been terminated.',
    );
  return before;
}

/** Free addresses of the subnet; AWS keeps the first four and the last. */
function chooseAddresses(ec2: Ec2Region, { subnet, privateIp, count }: Launch): readonly string[] {
  const used = new Set(Object.values(ec2.interfaces).map((one) => `${one.vpcId} ${one.privateIp}`));
  const isFree = (ip: string): boolean => !used.has(`${subnet.vpcId} ${ip}`);
  if (privateIp !== undefined) return [checkAddress(subnet, privateIp, count, isFree(privateIp))];
  const block = parseCidr(subnet.cidr) ?? { base: 0, bits: 32 };
  const free: string[] = [];
  for (let at = block.base + 4; at < block.base + size(block.bits) - 1 && free.length < count; at++)
    if (isFree(formatIp(at))) free.push(formatIp(at));
  if (free.length < count)
    throw new ApiError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`,
    );
  return free;
}

function checkAddress(subnet: Subnet, ip: string, count: number, free: boolean): string {
  const block = parseCidr(subnet.cidr);
  const address = parseIp(ip);
  if (count > 1) throw invalid(ip, 'privateIpAddress', 'It can be given to one instance only.');
  if (block === undefined || address === undefined || !contains(block, { base: address, bits: 32 }))
    throw new ApiError(
      'InvalidParameterValue',
      `Address ${ip} does not fall within the subnet's address range`,
    );
  if (address < block.base + 4 || address === block.base + size(block.bits) - 1)
    throw new ApiError('InvalidParameterValue', `Address ${ip} is in subnet's reserved address range`);
  if (!free) throw new ApiError('InvalidIPAddress.InUse', `Address ${ip} is in use.`);
  return ip;
}

interface Birth {
  readonly privateIp: string;
  readonly launchIndex: number;
  readonly reservationId: string;
  readonly token: string | undefined;
  readonly hash: string;
}

function addInstance(call: Call, launch: Launch, disks: readonly Disk[], birth: Birth): Instance {
  const instance = newInstance(call, launch, birth);
  call.ec2.instances[instance.id] = instance;
  const eni = newInterface(launch, instance, call.now);
  call.ec2.interfaces[eni.id] = eni;
  for (const disk of disks) addVolume(call, launch, instance, disk);
  return instance;
}

function newInstance({ fields, now }: Call, launch: Launch, birth: Birth): Instance {
  const { image, type, subnet, profile } = launch;
  return {
    id: newId('i'),
    reservationId: birth.reservationId,
    launchIndex: birth.launchIndex,
    imageId: image.id,
    architecture: image.architecture,
    rootDevice: image.rootDevice,
    keyName: launch.keyName,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    privateIp: birth.privateIp,
    tenancy: text(struct(fields, 'Placement') ?? {}, 'Tenancy') ?? 'default',
    clientToken: birth.token,
    launchHash: birth.hash,
    type: type.name,
    launched: now,
    state: 'pending',
    since: now,
    reason: undefined,
    transitionReason: '',
    userData: launch.userData,
    profile:
      profile === undefined
        ? undefined
        : { id: newId('iip-assoc'), arn: profileArn(profile), profileId: profile.id, since: now },
    metadata: launch.metadata,
    monitoring: flag(struct(fields, 'Monitoring') ?? {}, 'Enabled') ?? false,
    ebsOptimized: flag(fields, 'EbsOptimized') ?? false,
    cpuCredits: launch.cpuCredits,
    disableApiTermination: flag(fields, 'DisableApiTermination') ?? false,
    disableApiStop: flag(fields, 'DisableApiStop') ?? false,
    shutdownBehavior: text(fields, 'InstanceInitiatedShutdownBehavior') ?? 'stop',
    tags: { ...launch.tags.instance },
  };
}

function newInterface(launch: Launch, instance: Instance, now: number): NetworkInterface {
  const id = newId('eni');
  return {
    id,
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    zone: instance.zone,
    mac: macOf(id),
    privateIp: instance.privateIp,
    description: text(launch.network ?? {}, 'Description') ?? '',
    instanceId: instance.id,
    attachmentId: newId('eni-attach'),
    attached: now,
    wantsPublicIp: launch.publicIp,
    publicIp: undefined,
    deleteOnTermination: flag(launch.network ?? {}, 'DeleteOnTermination') ?? true,
    sourceDestCheck: true,
    groups: [...launch.groups],
    tags: { ...launch.tags['network-interface'] },
  };
}

function addVolume({ ec2, now }: Call, launch: Launch, instance: Instance, disk: Disk): void {
  const id = newId('vol');
  const { device, deleteOnTermination, ...rest } = disk;
  ec2.volumes[id] = {
    ...rest,
    id,
    zone: instance.zone,
    created: now,
    change: undefined,
    attachment: { instanceId: instance.id, device, attached: now, deleteOnTermination },
    tags: { ...launch.tags.volume },
  };
}

export const runActions: Actions = { RunInstances: runInstances };
