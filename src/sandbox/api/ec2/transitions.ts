import type { MachineSpec } from '../../machines/machines.js';
import { pick } from './errors.js';
import type { Ec2Region, Instance, NetworkInterface, Volume } from './model.js';
import type { World } from '../world.js';

/** The instance's network interface; a terminated instance has none. */
export function interfaceOf(ec2: Ec2Region, instance: Instance): NetworkInterface | undefined {
  return Object.values(ec2.interfaces).find((one) => one.instanceId === instance.id);
}

/** Volumes attached to an instance. */
export function volumesOf(ec2: Ec2Region, instance: Instance): readonly Volume[] {
  return Object.values(ec2.volumes).filter((volume) => volume.attachment?.instanceId === instance.id);
}

export function finishStart(ec2: Ec2Region, instance: Instance, publicIp: string, now: number): void {
  instance.state = 'running';
  instance.since = now;
  instance.reason = undefined;
  const eni = interfaceOf(ec2, instance);
  if (eni?.wantsPublicIp === true) eni.publicIp = publicIp;
}

/** A start that failed: a new instance is terminated, a stopped one is stopped again, with the reason. */
export function failStart(
  ec2: Ec2Region,
  instance: Instance,
  fresh: boolean,
  why: string,
  now: number,
): void {
  if (fresh) finishTermination(ec2, instance, now);
  else finishStop(ec2, instance, now);
  instance.transitionReason = 'Server.InternalError';
  instance.reason = { code: 'Server.InternalError', message: `Server.InternalError: ${why}` };
}

export function finishStop(ec2: Ec2Region, instance: Instance, now: number): void {
  instance.state = 'stopped';
  instance.since = now;
  const eni = interfaceOf(ec2, instance);
  if (eni !== undefined) eni.publicIp = undefined;
}

/** Releases what belongs to the instance; it stays visible for a while, with its tags. */
export function finishTermination(ec2: Ec2Region, instance: Instance, now: number): void {
  instance.state = 'terminated';
  instance.since = now;
  for (const volume of volumesOf(ec2, instance))
    if (volume.attachment?.deleteOnTermination === true) Reflect.deleteProperty(ec2.volumes, volume.id);
    else volume.attachment = undefined;
  const eni = interfaceOf(ec2, instance);
  if (eni !== undefined) Reflect.deleteProperty(ec2.interfaces, eni.id);
}

/** An address of the documentation networks that no interface has. */
export function freePublicIp(world: World): string {
  const used = new Set(
    Object.values(world.ec2).flatMap((ec2) => Object.values(ec2.interfaces).map((one) => one.publicIp)),
  );
  for (const net of ['198.51.100', '203.0.113', '192.0.2'])
    for (let last = 10; last < 255; last++) if (!used.has(`${net}.${last}`)) return `${net}.${last}`;
  return '192.0.2.255';
}

export const hostName = (ip: string): string => `ip-${ip.replaceAll('.', '-')}`;

/** What the instance's machine is started from. */
export function machineSpec(ec2: Ec2Region, instance: Instance): MachineSpec {
  const key = instance.keyName === undefined ? undefined : ec2.keyPairs[instance.keyName];
  const { userData } = instance;
  return {
    instanceId: instance.id,
    vpcId: instance.vpcId,
    vpcCidr: pick(ec2.vpcs, 'vpc', instance.vpcId).cidr,
    privateIp: instance.privateIp,
    hostname: hostName(instance.privateIp),
    publicKey: key?.publicKey,
    userData: userData === undefined ? undefined : Buffer.from(userData, 'base64').toString(),
  };
}
