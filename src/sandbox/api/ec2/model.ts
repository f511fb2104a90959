export type Tags = Record<string, string>;

export interface Vpc {
  readonly id: string;
  readonly cidr: string;
  readonly isDefault: boolean;
  readonly tenancy: string;
  readonly cidrAssociationId: string;
  dnsSupport: boolean;
  dnsHostnames: boolean;
  addressMetrics: boolean;
  tags: Tags;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly isDefault: boolean;
  mapPublicIp: boolean;
  assignIpv6: boolean;
  dns64: boolean;
  hostnameType: string;
  dnsARecord: boolean;
  dnsAaaaRecord: boolean;
  tags: Tags;
}

export interface Gateway {
  readonly id: string;
  vpcId: string | undefined;
  tags: Tags;
}

export interface Route {
  readonly destination: string;
  readonly gatewayId: string | undefined;
  readonly networkInterfaceId: string | undefined;
  readonly instanceId: string | undefined;
  readonly origin: 'CreateRouteTable' | 'CreateRoute';
}

export interface Association {
  readonly id: string;
  readonly subnetId: string | undefined;
  readonly main: boolean;
}

export interface RouteTable {
  readonly id: string;
  readonly vpcId: string;
  readonly clientToken: string | undefined;
  associations: Association[];
  routes: Route[];
  tags: Tags;
}

/** Where a rule lets traffic from or to: exactly one of them is set. */
export interface RulePeer {
  readonly cidr4?: string | undefined;
  readonly cidr6?: string | undefined;
  readonly group?: string | undefined;
  readonly prefixList?: string | undefined;
}

export interface Rule extends RulePeer {
  readonly id: string;
  readonly egress: boolean;
  /** tcp, udp, icmp, icmpv6, a number, or -1 for all. */
  readonly protocol: string;
  /** Absent where the protocol has no ports. */
  readonly fromPort?: number | undefined;
  readonly toPort?: number | undefined;
  readonly description?: string | undefined;
  tags: Tags;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  rules: Rule[];
  tags: Tags;
}

export interface NetworkAcl {
  readonly id: string;
  readonly vpcId: string;
  tags: Tags;
}

export interface KeyPair {
  readonly id: string;
  readonly name: string;
  readonly type: 'rsa' | 'ed25519';
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly created: number;
  tags: Tags;
}

export interface VolumeChange {
  readonly started: number;
  readonly from: VolumeShape;
  readonly to: VolumeShape;
}

export interface VolumeShape {
  readonly size: number;
  readonly type: string;
  readonly iops: number;
  readonly throughput: number | undefined;
}

export interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
  readonly snapshotId: string | undefined;
  readonly created: number;
  shape: VolumeShape;
  change: VolumeChange | undefined;
  attachment: VolumeAttachment | undefined;
  tags: Tags;
}

export interface VolumeAttachment {
  readonly instanceId: string;
  readonly device: string;
  readonly attached: number;
  deleteOnTermination: boolean;
}

export interface NetworkInterface {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly mac: string;
  readonly privateIp: string;
  readonly description: string;
  /** Undefined while nothing has it attached. */
  readonly instanceId: string | undefined;
  readonly attachmentId: string | undefined;
  readonly attached: number;
  /** The public address is wanted whenever the instance runs. */
  readonly wantsPublicIp: boolean;
  publicIp: string | undefined;
  deleteOnTermination: boolean;
  sourceDestCheck: boolean;
  groups: string[];
  tags: Tags;
}

export type StateName = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface MetadataOptions {
  readonly httpTokens: string;
  readonly httpPutResponseHopLimit: number;
  readonly httpEndpoint: string;
  readonly httpProtocolIpv6: string;
  readonly instanceMetadataTags: string;
}

export interface ProfileAssociation {
  readonly id: string;
  readonly arn: string;
  readonly profileId: string;
  readonly since: number;
}

export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly imageId: string;
  readonly architecture: string;
  readonly rootDevice: string;
  readonly keyName: string | undefined;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly tenancy: string;
  readonly clientToken: string | undefined;
  /** Hash of the launch parameters, to tell a repeated call from a changed one. */
  readonly launchHash: string;
  type: string;
  launched: number;
  state: StateName;
  /** When the state was entered, ms since 1970. */
  since: number;
  reason: { readonly code: string; readonly message: string } | undefined;
  transitionReason: string;
  userData: string | undefined;
  profile: ProfileAssociation | undefined;
  metadata: MetadataOptions;
  monitoring: boolean;
  ebsOptimized: boolean;
  cpuCredits: string | undefined;
  disableApiTermination: boolean;
  disableApiStop: boolean;
  shutdownBehavior: string;
  tags: Tags;
}

export interface VpcEndpoint {
  readonly id: string;
  readonly vpcId: string;
  readonly serviceName: string;
  readonly created: number;
  tags: Tags;
}

/** One region's network, machines and keys. */
export interface Ec2Region {
  readonly vpcs: Record<string, Vpc>;
  readonly subnets: Record<string, Subnet>;
  readonly gateways: Record<string, Gateway>;
  readonly routeTables: Record<string, RouteTable>;
  readonly groups: Record<string, Group>;
  readonly acls: Record<string, NetworkAcl>;
  readonly keyPairs: Record<string, KeyPair>;
  readonly volumes: Record<string, Volume>;
  readonly interfaces: Record<string, NetworkInterface>;
  readonly instances: Record<string, Instance>;
  /** Absent until the first one is made. */
  endpoints?: Record<string, VpcEndpoint>;
}
