import { type Config, stackName } from '../config/schema.js';
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
import { hostPolicy, hostTrust } from './role-policy.js';
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
}

type Tagged = <Spec extends object>(
  kind: string,
  name: string,
  spec: Omit<Spec, 'tags'>,
  fixed?: readonly string[],
) => Desired;

/** Pure: the whole stack as the config wants it. */
export function stack(config: Config, facts: StackFacts): Desired[] {
  const name = stackName(config);
  const tagsOf = (resource: string): Record<string, string> => ({
    ...config.tags,
    Name: fullName(name, resource),
  });
  const want: Tagged = (kind, resource, spec, fixed) => ({
    kind,
    name: resource,
    spec: { ...spec, tags: tagsOf(resource) },
    ...(fixed !== undefined && { fixed }),
  });
  return [
    ...network(config, facts, want),
    ...groups(config, facts, want, name),
    ...identity(facts, want, name),
    ...hosts(config, facts, want, tagsOf),
  ];
}

const vpcAddress: Address = 'vpc/main';

function network({ network: wanted }: Config, facts: StackFacts, want: Tagged): Desired[] {
  const subnets = wanted.subnetCidrs.map((_, index): Address => `subnet/public-${index + 1}`);
  const zones = wanted.zones ?? facts.zones;
  // Zones that the config doesn't name are chosen at creation.
  const fixed = wanted.zones === undefined ? ['zone'] : [];
  return [
    want<VpcSpec>('vpc', 'main', { cidr: wanted.vpcCidr, dnsSupport: true, dnsHostnames: true }),
    ...wanted.subnetCidrs.map((cidr, index) => {
      const zone = zones[index % zones.length] ?? '';
      return want<SubnetSpec>(
        'subnet',
        `public-${index + 1}`,
        { vpc: vpcAddress, cidr, zone, publicIps: true },
        fixed,
      );
    }),
    want<InternetGatewaySpec>('internet-gateway', 'main', { vpc: vpcAddress }),
    want<RouteTableSpec>('route-table', 'public', {
      vpc: vpcAddress,
      routes: { '0.0.0.0/0': 'internet-gateway/main' },
      subnets,
    }),
  ];
}

function groups(config: Config, { operatorCidrs }: StackFacts, want: Tagged, name: string): Desired[] {
  const { monitoring, application, network, ssh } = config;
  const operator = (port: number, text: string): Rules =>
    Object.fromEntries(operatorCidrs.map((cidr) => [tcp(port, cidr), text]));
  const group = (resource: string, ingress: Rules): Desired =>
    want<SecurityGroupSpec>('security-group', resource, {
      vpc: vpcAddress,
      groupName: fullName(name, resource),
      description: 'made by cloudops',
      ingress: { ...ingress },
      egress: defaultEgress,
    });
  const watcher = 'security-group/monitoring';
  return [
    group('monitoring', {
      ...operator(ssh.port, 'SSH from the operator'),
      ...operator(monitoring.prometheus.port, 'Prometheus from the operator'),
      ...operator(monitoring.grafana.port, 'Grafana from the operator'),
      [tcp(monitoring.nodeExporter.port, network.vpcCidr)]: 'Node Exporter from the VPC',
    }),
    group('web', {
      ...operator(ssh.port, 'SSH from the operator'),
      ...operator(application.port, 'application from the operator'),
      [tcp(80, '0.0.0.0/0')]: 'HTTP',
      [tcp(443, '0.0.0.0/0')]: 'HTTPS',
      [tcp(application.port, watcher)]: 'application from Prometheus',
      [tcp(monitoring.nodeExporter.port, watcher)]: 'Node Exporter from Prometheus',
    }),
  ];
}

function identity({ region, publicKey }: StackFacts, want: Tagged, name: string): Desired[] {
  const hostName = hostRoleName(name, region);
  return [
    // A colleague may have made the pair: what is in AWS stays.
    want<KeyPairSpec>('key-pair', 'main', { keyName: name, publicKey }, ['publicKey']),
    want<RoleSpec>('role', 'host', { roleName: hostName, trust: hostTrust, policy: hostPolicy }),
    want<InstanceProfileSpec>('instance-profile', 'host', { profileName: hostName, role: 'role/host' }),
  ];
}

function hosts(
  { monitoring, application, network: { subnetCidrs } }: Config,
  facts: StackFacts,
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
        subnet: `subnet/public-${(where % subnetCidrs.length) + 1}`,
        groups: [group],
        key: 'key-pair/main',
        profile: 'instance-profile/host',
        volume: {
          device: facts.rootDevice,
          size: size.volumeSize,
          type: 'gp3',
          encrypted: true,
          tags: tagsOf(resource),
        },
        metadata: { endpoint: 'enabled', tokens: 'required', hopLimit: 2 },
        credits: /^t\d/.test(size.instanceType) ? 'standard' : undefined,
      },
      ['image', 'volume.device', 'credits'],
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
