import { type Config, stackName } from '../config/schema.js';
import type { OwnNetwork } from './own-network.js';
import { fullName, hostRoleName } from './names.js';
import type { Address, Desired } from './resource.js';
import { defaultEgress, type SecurityGroupSpec } from './resources/security-group.js';
import type { InstanceProfileSpec } from './resources/instance-profile.js';
import type { InstanceSpec } from './resources/instance.js';
import type { InternetGatewaySpec } from './resources/internet-gateway.js';
import type { KeyPairSpec } from './resources/key-pair.js';
import type { RoleSpec } from './resources/role.js';
import type { RouteTableSpec } from './resources/route-table.js';
import type { SubnetSpec } from './resources/subnet.js';
import type { VpcSpec } from './resources/vpc.js';
import { hostPolicy, hostTrust, normalised } from './role-policy.js';
import { type Rules, tcp } from './rules.js';

/** What the config doesn't say and has to be asked for. */
export interface StackFacts {
  readonly region: string;
  readonly image: string;
  readonly rootDevice: string;
  /** Zones that offer the instance types, in order. */
  readonly zones: readonly string[];
  /** Who may reach the operator's ports. */
  readonly operatorCidrs: readonly string[];
  /** The stack's public key; undefined until it is made. */
  readonly publicKey: string | undefined;
  /** The operator's network, where the config names one. */
  readonly network?: OwnNetwork | undefined;
}

/** Where the hosts go: addresses of what the stack makes, or ids of what exists. */
interface Place {
  readonly vpc: Address;
  readonly cidr: string;
  readonly subnets: readonly Address[];
}

type Tagged = <Spec extends object>(
  kind: string,
  name: string,
  spec: Omit<Spec, 'tags'>,
  fixed?: readonly string[],
  more?: Pick<Desired, 'among' | 'ifRead'>,
) => Desired;

/** Pure: the whole stack as the config wants it. */
export function stack(config: Config, facts: StackFacts): Desired[] {
  const name = stackName(config);
  const tagsOf = (resource: string): Record<string, string> => ({
    ...config.tags,
    Name: fullName(name, resource),
  });
  const want: Tagged = (kind, resource, spec, fixed, more) => ({
    kind,
    name: resource,
    spec: { ...spec, tags: tagsOf(resource) },
    ...(fixed !== undefined && { fixed }),
    ...more,
  });
  const place = placeOf(config, facts);
  return [
    ...(facts.network === undefined ? network(config, facts, place, want) : []),
    ...groups(config, facts, place, want),
    ...identity(config, facts, want),
    ...hosts(config, facts, place, want, tagsOf),
  ];
}

/** What exists is named by its id: no kind knows it, so nothing of it is ever planned. */
function placeOf({ network: wanted }: Config, { network: own }: StackFacts): Place {
  if (own !== undefined) {
    const { vpcId, cidr, subnets } = own;
    return { vpc: vpcId as Address, cidr, subnets: subnets.map(({ id }) => id as Address) };
  }
  const subnets = wanted.subnetCidrs.map((_, index): Address => `subnet/public-${index + 1}`);
  return { vpc: 'vpc/main', cidr: wanted.vpcCidr, subnets };
}

function network(
  { network: wanted }: Config,
  facts: StackFacts,
  { vpc, subnets }: Place,
  want: Tagged,
): Desired[] {
  const zones = wanted.zones ?? facts.zones;
  // Zones that the config doesn't name are chosen at creation.
  const fixed = wanted.zones === undefined ? ['zone'] : [];
  return [
    want<VpcSpec>('vpc', 'main', { cidr: wanted.vpcCidr, dnsSupport: true, dnsHostnames: true }),
    ...wanted.subnetCidrs.map((cidr, index) => {
      const zone = zones[index % zones.length] ?? '';
      return want<SubnetSpec>('subnet', `public-${index + 1}`, { vpc, cidr, zone, publicIps: true }, fixed);
    }),
    want<InternetGatewaySpec>('internet-gateway', 'main', { vpc }),
    want<RouteTableSpec>('route-table', 'public', {
      vpc,
      routes: { '0.0.0.0/0': 'internet-gateway/main' },
      subnets,
    }),
  ];
}

function groups(
  config: Config,
  { operatorCidrs }: StackFacts,
  { vpc, cidr }: Place,
  want: Tagged,
): Desired[] {
  const { monitoring, application } = config;
  const operator = operatorRules(config, operatorCidrs);
  const group = (resource: string, ingress: Rules): Desired =>
    want<SecurityGroupSpec>('security-group', resource, {
      vpc,
      groupName: fullName(stackName(config), resource),
      description: 'made by cloudops',
      ingress: { ...ingress },
      egress: defaultEgress,
    });
  const watcher = 'security-group/monitoring';
  return [
    group('monitoring', {
      ...operator.monitoring,
      [tcp(monitoring.nodeExporter.port, cidr)]: 'Node Exporter from the VPC',
    }),
    group('web', {
      ...operator.web,
      [tcp(80, '0.0.0.0/0')]: 'HTTP',
      [tcp(443, '0.0.0.0/0')]: 'HTTPS',
      [tcp(application.port, watcher)]: 'application from Prometheus',
      [tcp(monitoring.nodeExporter.port, watcher)]: 'Node Exporter from Prometheus',
    }),
  ];
}

/** Marks the rules that follow the operator's address. */
export const fromOperator = / from the operator$/;

/** Pure: the rules that let the operator in, by group. */
export function operatorRules(
  { monitoring, application, ssh }: Config,
  cidrs: readonly string[],
): Readonly<Record<'monitoring' | 'web', Rules>> {
  const open = (port: number, what: string): Rules =>
    Object.fromEntries(cidrs.map((cidr) => [tcp(port, cidr), `${what} from the operator`]));
  return {
    monitoring: {
      ...open(ssh.port, 'SSH'),
      ...open(monitoring.prometheus.port, 'Prometheus'),
      ...open(monitoring.grafana.port, 'Grafana'),
    },
    web: { ...open(ssh.port, 'SSH'), ...open(application.port, 'application') },
  };
}

function identity(config: Config, { region, publicKey }: StackFacts, want: Tagged): Desired[] {
  const keyName = stackName(config);
  const hostName = hostRoleName(keyName, region);
  // A colleague may have made the pair: what is in AWS stays, unless the config names a key.
  const fixed = config.ssh.publicKeyPath === undefined ? ['publicKey'] : [];
  return [
    ...(config.ssh.keyName === undefined
      ? [want<KeyPairSpec>('key-pair', 'main', { keyName, publicKey }, fixed)]
      : []),
    want<RoleSpec>('role', 'host', {
      roleName: hostName,
      trust: normalised(hostTrust),
      policy: normalised(hostPolicy),
    }),
    want<InstanceProfileSpec>('instance-profile', 'host', { profileName: hostName, role: 'role/host' }),
  ];
}

function hosts(
  { monitoring, application, ssh }: Config,
  facts: StackFacts,
  { subnets }: Place,
  want: Tagged,
  tagsOf: (resource: string) => Record<string, string>,
): Desired[] {
  const host = (resource: string, role: string, group: Address, where: number, size: Size): Desired =>
    want<InstanceSpec>(
      'instance',
      resource,
      {
        role,
        type: size.instanceType,
        image: facts.image,
        subnet: subnets[where % subnets.length],
        groups: [group],
        key: ssh.keyName === undefined ? 'key-pair/main' : (ssh.keyName as Address),
        profile: 'instance-profile/host',
        volume: {
          device: facts.rootDevice,
          size: size.volumeSize,
          type: 'gp3',
          encrypted: true,
          endsWithHost: true,
          tags: tagsOf(resource),
        },
        metadata: { endpoint: 'enabled', tokens: 'required', hopLimit: 2 },
        credits: /^t\d/.test(size.instanceType) ? 'standard' : undefined,
      },
      ['image', 'volume.device'],
      // A host stays where it is when subnets are added.
      { among: { subnet: subnets }, ifRead: ['credits'] },
    );
  const numbers = Array.from({ length: application.count }, (_, index) => index + 1);
  return [
    host('monitoring', 'monitoring', 'security-group/monitoring', 0, monitoring),
    ...numbers.map((number) =>
      host(`application-${number}`, 'application', 'security-group/web', number, application),
    ),
  ];
}

interface Size {
  readonly instanceType: string;
  readonly volumeSize: number;
}
