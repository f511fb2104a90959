import type { Answer } from '../../protocol/xml.js';
import type { Ec2Region, NetworkInterface } from './model.js';
import { hostName } from './transitions.js';

/** Name of a private address inside its VPC. */
export function privateName(region: string, ip: string): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `${hostName(ip)}.${domain}`;
}

/** Public address and name of an interface; the name only where the VPC gives host names. */
export function association(
  ec2: Ec2Region,
  region: string,
  eni: NetworkInterface,
): { publicIp: string; publicDnsName: string; ipOwnerId: string } | undefined {
  if (eni.publicIp === undefined) return undefined;
  const vpc = ec2.vpcs[eni.vpcId];
  const named = vpc?.dnsHostnames === true && vpc.dnsSupport;
  const domain = region === 'us-east-1' ? 'compute-1' : `${region}.compute`;
  const publicDnsName = named ? `ec2-${eni.publicIp.replaceAll('.', '-')}.${domain}.amazonaws.com` : '';
  return { publicIp: eni.publicIp, publicDnsName, ipOwnerId: 'amazon' };
}

export const groupSet = (ec2: Ec2Region, eni: NetworkInterface): Answer =>
  eni.groups.map((id) => ({ groupId: id, groupName: ec2.groups[id]?.name ?? '' }));

/** A locally administered hardware address made of an id's last digits. */
export const macOf = (id: string): string => `02:${id.slice(-10).match(/../g)?.join(':') ?? ''}`;
