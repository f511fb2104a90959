import type { MachineSpec } from './machines.js';

/** The machine and network names of one sandbox, and the label that tells whose they are. */
export const containerName = (instanceId: string): string => `cloudops-sandbox-${instanceId}`;
export const networkName = (vpcId: string): string => `cloudops-sandbox-${vpcId}`;
export const label = (sandbox: string): string => `cloudops.sandbox=${sandbox}`;

/**
 * What lets systemd and units with PrivateUsers, ProtectSystem and the like run, and no more: SYS_ADMIN with Docker's
 * default seccomp filter and a cgroup namespace of its own; not `--privileged`, nothing of the host mounted.
 * AppArmor's profile for containers forbids the mounts that systemd makes for its units.
 */
const PRIVILEGES = [
  '--cap-add',
  'SYS_ADMIN',
  '--cgroupns',
  'private',
  '--security-opt',
  'apparmor=unconfined',
];

/** What Docker inside a machine wants beside: networks, session keys, and storage that isn't an overlay itself. */
const NESTED = [
  '--cap-add',
  'NET_ADMIN',
  '--security-opt',
  'seccomp=unconfined',
  '--volume',
  '/var/lib/docker',
];

/** What a boot empties on a real machine. Docker's tmpfs is noexec unless told otherwise. */
const MEMORY_FILE_SYSTEMS = ['--tmpfs', '/run', '--tmpfs', '/run/lock', '--tmpfs', '/tmp:exec'];

/** Arguments of `docker create` for a machine. */
export function createArguments(spec: MachineSpec, image: string, sandbox: string): string[] {
  return [
    'create',
    ...['--name', containerName(spec.instanceId), '--hostname', spec.hostname],
    ...['--label', label(sandbox), '--label', `cloudops.instance=${spec.instanceId}`],
    ...['--network', networkName(spec.vpcId), '--ip', spec.privateIp],
    ...PRIVILEGES,
    ...(spec.nested === true ? NESTED : []),
    ...MEMORY_FILE_SYSTEMS,
    // A reboot asked for inside ends PID 1: Docker starts it again. `docker stop` stays stopped.
    ...['--restart', 'unless-stopped', '--env', 'container=docker'],
    image,
  ];
}

/** Arguments of `docker network create` for a VPC: the gateway takes the block's first address. */
export function networkArguments(vpcId: string, cidr: string, sandbox: string): string[] {
  return [
    ...['network', 'create', '--driver', 'bridge', '--subnet', cidr, '--gateway', gatewayOf(cidr)],
    ...['--label', label(sandbox), '--label', `cloudops.vpc=${vpcId}`],
    networkName(vpcId),
  ];
}

/** First address of an IPv4 block: where the operator's machine stands in the VPC. */
export function gatewayOf(cidr: string): string {
  const { first } = range(cidr);
  return [24, 16, 8, 0].map((shift) => Math.floor((first + 1) / 2 ** shift) % 256).join('.');
}

/** True when two IPv4 blocks share an address. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [range(one), range(other)];
  return a.first <= b.last && b.first <= a.last;
}

function range(cidr: string): { first: number; last: number } {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}
