import ipaddr from 'ipaddr.js';
import type { PreflightFinding } from './finding.js';

const id = 'allowed-networks';

/** Pure: whether the networks that may reach the stack make sense. Private ones do where the hosts are on this machine. */
export function checkAllowedCidrs(cidrs: readonly string[], emulated: boolean): PreflightFinding {
  const world = cidrs.find((cidr) => cidr.endsWith('/0'));
  const fix = ["Give your own address with '--allow-cidr', e.g. '--allow-cidr 203.0.113.7/32'."];
  if (world !== undefined) {
    const saw = `${world} lets everybody on the internet reach SSH, Prometheus, Grafana and the application.`;
    return { id, status: 'warning', saw, fix };
  }
  const inner = emulated ? [] : cidrs.filter(isPrivate);
  if (inner.length > 0) {
    const are = inner.length === 1 ? 'is a private network' : 'are private networks';
    const saw = `${inner.join(', ')} ${are}: over the internet nobody comes from there.`;
    return { id, status: 'warning', saw, fix };
  }
  const saw = cidrs.length === 0 ? 'Only your own public address gets in.' : `${cidrs.join(', ')} gets in.`;
  return { id, status: 'ok', saw };
}

/** Anything but addresses that the internet routes. */
function isPrivate(cidr: string): boolean {
  const [address = ''] = cidr.split('/');
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return false;
  return /^(private|carrierGradeNat|loopback|linkLocal)$/.test(ipaddr.IPv4.parse(address).range());
}
