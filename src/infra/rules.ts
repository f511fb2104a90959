import type { IpPermission } from '@aws-sdk/client-ec2';
import type { Address, IdOf, NameOf } from './resource.js';

/** Rules of a security group by what identifies them, e.g. `tcp 22 from 203.0.113.7/32`, with their description. */
export type Rules = Readonly<Record<string, string>>;

/** `tcp 22 from 203.0.113.7/32`, `tcp 9100 from security-group/monitoring`. */
export function tcp(port: number, from: string): string {
  return `tcp ${port} from ${from}`;
}

/** The groups that rules refer to. */
export function groupsIn(rules: Rules): Address[] {
  const sources = Object.keys(rules).map((rule) => rule.split(' ').at(-1) ?? '');
  return [...new Set(sources.filter((source) => source.startsWith('security-group/')))] as Address[];
}

/** AWS's permissions as rules. `word` is from or to. */
export function readRules(permissions: readonly IpPermission[], nameOf: NameOf, word: 'from' | 'to'): Rules {
  const rules = permissions.flatMap((one) => {
    const ports = portsOf(one);
    return [
      ...(one.IpRanges ?? []).map((range) => [range.CidrIp ?? '', range.Description ?? ''] as const),
      ...(one.Ipv6Ranges ?? []).map((range) => [range.CidrIpv6 ?? '', range.Description ?? ''] as const),
      ...(one.PrefixListIds ?? []).map((list) => [list.PrefixListId ?? '', list.Description ?? ''] as const),
      ...(one.UserIdGroupPairs ?? []).map(
        (pair) => [nameOf('security-group', pair.GroupId) ?? '', pair.Description ?? ''] as const,
      ),
    ].map(([party, description]) => [`${ports} ${word} ${party}`, description] as const);
  });
  return Object.fromEntries(rules.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function portsOf({ IpProtocol = '-1', FromPort, ToPort }: IpPermission): string {
  if (IpProtocol === '-1') return 'all';
  if (FromPort === undefined || FromPort === -1) return IpProtocol;
  return FromPort === ToPort
    ? `${IpProtocol} ${FromPort}`
    : `${IpProtocol} ${FromPort}-${ToPort ?? FromPort}`;
}

/** Rules as AWS takes them, one permission a rule. A party that isn't an address of ours is passed as it is. */
export function permissions(rules: Rules, idOf: IdOf): IpPermission[] {
  return Object.entries(rules).map(([rule, description]) => {
    const [head = '', party = ''] = rule.split(/ from | to /);
    const [protocol = '', ports] = head.split(' ');
    const [first, last] = (ports ?? '').split('-').map(Number);
    const Description = description === '' ? {} : { Description: description };
    return {
      IpProtocol: protocol === 'all' ? '-1' : protocol,
      ...(ports !== undefined && { FromPort: first, ToPort: last ?? first }),
      ...source(party, Description, idOf),
    };
  });
}

function source(party: string, text: { Description?: string }, idOf: IdOf): Partial<IpPermission> {
  if (party.startsWith('pl-')) return { PrefixListIds: [{ PrefixListId: party, ...text }] };
  if (/^(sg-|security-group\/)/.test(party)) {
    return { UserIdGroupPairs: [{ GroupId: idOf(party as Address), ...text }] };
  }
  if (party.includes(':')) return { Ipv6Ranges: [{ CidrIpv6: party, ...text }] };
  return { IpRanges: [{ CidrIp: party, ...text }] };
}
