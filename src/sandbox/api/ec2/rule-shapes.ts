import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { integer, structs, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import { formatCidr, parseCidr } from '../cidr.js';
import { ACCOUNT } from '../world.js';
import { invalid, missing, notFound } from './errors.js';
import type { Ec2Region, Group, Rule, RulePeer } from './model.js';
import { tagSet } from './tagging.js';

/** A rule before it has an id: what a request asks for. */
export type RuleDraft = Omit<Rule, 'id' | 'tags' | 'egress'>;

const PROTOCOLS: Readonly<Record<string, string>> = {
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'icmpv6',
  all: '-1',
};
const TEXT = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/;

/** The rules of `IpPermissions.N`, one a peer, or of the older flat parameters. */
export function readPermissions(fields: Fields, ec2: Ec2Region, group: Group): readonly RuleDraft[] {
  const given = structs(fields, 'IpPermissions');
  const permissions = given.length > 0 || text(fields, 'IpProtocol') === undefined ? given : [flat(fields)];
  const drafts = permissions.flatMap((permission) => readPermission(permission, ec2, group));
  if (new Set(drafts.map(identity)).size !== drafts.length)
    throw new ApiError('InvalidParameterValue', 'The same permission must not appear multiple times');
  return drafts;
}

const flat = (fields: Fields): Fields => ({ ...fields, IpRanges: [{ CidrIp: text(fields, 'CidrIp') }] });

function readPermission(fields: Fields, ec2: Ec2Region, group: Group): readonly RuleDraft[] {
  const traffic = readTraffic(fields);
  const peers: RulePeer[] = [
    ...structs(fields, 'IpRanges').map((one) => ({ cidr4: cidr4(text(one, 'CidrIp')), ...described(one) })),
    ...structs(fields, 'Ipv6Ranges').map((one) => ({
      cidr6: cidr6(text(one, 'CidrIpv6')),
      ...described(one),
    })),
    ...structs(fields, 'PrefixListIds').map((one) => ({
      prefixList: text(one, 'PrefixListId'),
      ...described(one),
    })),
    ...structs(fields, 'Groups').map((one) => ({ group: peerGroup(one, ec2, group), ...described(one) })),
  ];
  if (peers.length === 0) throw missing('ipRanges');
  return peers.map((peer) => ({ ...traffic, ...peer }));
}

/** Protocol and ports of a rule, as EC2 writes them. */
export function readTraffic(fields: Fields): Pick<RuleDraft, 'protocol' | 'fromPort' | 'toPort'> {
  const raw = (text(fields, 'IpProtocol') ?? '').toLowerCase();
  if (raw === '') throw missing('ipProtocol');
  const protocol = PROTOCOLS[raw] ?? raw;
  if (!/^(tcp|udp|icmp|icmpv6|-1|\d{1,3})$/.test(protocol))
    throw new ApiError('InvalidParameterValue', `Invalid value '${raw}' for IP protocol. Unknown protocol.`);
  if (protocol === '-1' || /^\d/.test(protocol)) return { protocol };
  const fromPort = integer(fields, 'FromPort');
  const toPort = integer(fields, 'ToPort');
  if (fromPort === undefined || toPort === undefined)
    throw new ApiError(
      'InvalidParameterValue',
      `Invalid value 'Must specify both from and to ports with ${protocol}' for portRange.`,
    );
  const ports = protocol === 'tcp' || protocol === 'udp';
  if (ports && (fromPort < 0 || toPort > 65535 || fromPort > toPort))
    throw new ApiError('InvalidParameterValue', `Invalid TCP/UDP port range (${fromPort}:${toPort})`);
  return { protocol, fromPort, toPort };
}

/** The canonical IPv4 block: host bits are cleared, as EC2 does. */
export function cidr4(given: string | undefined): string {
  const block = parseCidr(given ?? '');
  if (block === undefined)
    throw new ApiError('InvalidParameterValue', `CIDR block ${given ?? ''} is malformed`);
  return formatCidr(block);
}

export function cidr6(given: string | undefined): string {
  if (given === undefined || !/^[0-9a-f:.]+\/\d{1,3}$/i.test(given) || !given.includes(':'))
    throw new ApiError('InvalidParameterValue', `CIDR block ${given ?? ''} is malformed`);
  return given.toLowerCase();
}

/** The description of a rule or group; characters that EC2 refuses are refused. */
export function checkedText(value: string, name: string): string {
  if (value.length > 255 || !TEXT.test(value))
    throw invalid(value, name, `Character sets beyond ASCII are not supported.`);
  return value;
}

function described(fields: Fields): { description?: string } {
  const description = text(fields, 'Description');
  return description === undefined ? {} : { description: checkedText(description, 'description') };
}

function peerGroup(fields: Fields, ec2: Ec2Region, group: Group): string {
  const name = text(fields, 'GroupName');
  const byName = (one: Group): boolean => one.vpcId === group.vpcId && one.name === name;
  const id = text(fields, 'GroupId') ?? Object.values(ec2.groups).find(byName)?.id ?? name ?? '';
  return checkPeerGroup(id, ec2, group);
}

export function checkPeerGroup(id: string, ec2: Ec2Region, group: Group): string {
  const peer = Object.hasOwn(ec2.groups, id) ? ec2.groups[id] : undefined;
  if (peer === undefined) throw notFound('sg', id);
  if (peer.vpcId !== group.vpcId)
    throw new ApiError(
      'InvalidGroup.NotFound',
      'You have specified two resources that belong to different networks.',
    );
  return id;
}

/** What makes two rules the same: everything but the description. */
export function identity(rule: RuleDraft): string {
  const { protocol, fromPort, toPort, cidr4: four, cidr6: six, group, prefixList } = rule;
  return [protocol, fromPort, toPort, four, six, group, prefixList].map(String).join(' ');
}

/** Rules as DescribeSecurityGroups nests them: one permission a protocol and port range. */
export function permissionSet(rules: readonly RuleDraft[]): Answer {
  const byTraffic = new Map<string, RuleDraft[]>();
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.fromPort ?? ''} ${rule.toPort ?? ''}`;
    byTraffic.set(key, [...(byTraffic.get(key) ?? []), rule]);
  }
  return [...byTraffic.values()].map((same) => ({
    ipProtocol: same[0]?.protocol,
    fromPort: same[0]?.fromPort,
    toPort: same[0]?.toPort,
    groups: peers(same, 'group', (id, description) => ({ userId: ACCOUNT, groupId: id, description })),
    ipRanges: peers(same, 'cidr4', (cidrIp, description) => ({ cidrIp, description })),
    ipv6Ranges: peers(same, 'cidr6', (cidrIpv6, description) => ({ cidrIpv6, description })),
    prefixListIds: peers(same, 'prefixList', (prefixListId, description) => ({ prefixListId, description })),
  }));
}

function peers(
  rules: readonly RuleDraft[],
  peer: keyof RulePeer,
  render: (value: string, description: string | undefined) => Answer,
): Answer {
  return rules.flatMap((rule) => {
    const value = rule[peer];
    return value === undefined ? [] : [render(value, rule.description)];
  });
}

/** A rule as DescribeSecurityGroupRules answers it. */
export const renderRule = (region: string, group: Group, rule: Rule): Answer => ({
  securityGroupRuleId: rule.id,
  groupId: group.id,
  groupOwnerId: ACCOUNT,
  isEgress: rule.egress,
  ipProtocol: rule.protocol,
  fromPort: rule.fromPort ?? -1,
  toPort: rule.toPort ?? -1,
  cidrIpv4: rule.cidr4,
  cidrIpv6: rule.cidr6,
  prefixListId: rule.prefixList,
  referencedGroupInfo: rule.group === undefined ? undefined : { groupId: rule.group, userId: ACCOUNT },
  description: rule.description,
  tagSet: tagSet(rule.tags),
  securityGroupRuleArn: `arn:aws:ec2:${region}:${ACCOUNT}:security-group-rule/${rule.id}`,
});
