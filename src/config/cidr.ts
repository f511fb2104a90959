import ipaddr from 'ipaddr.js';

/** Why a text is no IPv4 network in canonical form, or undefined when it is one. */
export function cidrProblem(value: string): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(value) || !/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(value)) {
    return 'use an IPv4 network such as 10.0.1.0/24';
  }
  const network = `${ipaddr.IPv4.networkAddressFromCIDR(value).toString()}/${value.split('/')[1]}`;
  return network === value ? undefined : `has host bits set; the network is ${network}`;
}

/** True when network `inner` lies wholly inside `outer`; both canonical IPv4 CIDRs. */
export function contains(outer: string, inner: string): boolean {
  const [address, bits] = ipaddr.IPv4.parseCIDR(outer);
  const [innerAddress, innerBits] = ipaddr.IPv4.parseCIDR(inner);
  return innerBits >= bits && innerAddress.match(address, bits);
}

/** True when the two networks share an address; both canonical IPv4 CIDRs. */
export function overlaps(one: string, other: string): boolean {
  return contains(one, other) || contains(other, one);
}
