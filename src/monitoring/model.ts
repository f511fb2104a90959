import { stackName, type Config } from '../config/schema.js';
import type { HostRecord, Role } from '../hosts/host.js';

export type JobName = 'prometheus' | 'node' | 'flask-app';

/** One address that Prometheus scrapes. */
export interface Target {
  /** `ADDRESS:PORT` as the monitoring host reaches it. */
  readonly address: string;
  /** The record's name; becomes the label `host`. */
  readonly host: string;
}

export interface Job {
  readonly name: JobName;
  readonly metricsPath: string;
  /** Scraped more often than the others. */
  readonly interval?: string | undefined;
  readonly targets: readonly Target[];
}

/** How Prometheus finds further instances of the stack by itself. */
export interface Discovery {
  readonly region: string;
  /** Only for an AWS that isn't at its usual address. */
  readonly endpoint?: string | undefined;
}

/** A host whose private address is known. */
export interface KnownHost {
  readonly name: string;
  readonly role: Role;
  readonly privateAddress: string;
  /** Where people reach it. */
  readonly address?: string | undefined;
  readonly instanceId: string | undefined;
}

/** Who runs what and who scrapes whom: everything the files of all hosts are rendered from. */
export interface MonitoringModel {
  readonly stack: string;
  readonly config: Config;
  readonly hosts: readonly KnownHost[];
  readonly jobs: readonly Job[];
  /** Present when AWS knows the hosts: the job `node-ec2` for instances that we don't manage. */
  readonly discovery: Discovery | undefined;
}

/**
 * Pure. `discovery` is taken only when at least one host is an instance that AWS knows; hosts keep their order, so
 * the same hosts give the same files.
 */
export function modelMonitoring(
  config: Config,
  hosts: readonly KnownHost[],
  discovery?: Discovery,
): MonitoringModel {
  const { prometheus, nodeExporter } = config.monitoring;
  const { jobIntervals: intervals } = prometheus;
  const target = (host: KnownHost, port: number): Target => ({
    address: `${host.privateAddress}:${String(port)}`,
    host: host.name,
  });
  const having = (role: Role): readonly KnownHost[] => hosts.filter((host) => host.role === role);
  const jobs: readonly Job[] = [
    {
      name: 'prometheus',
      interval: intervals.prometheus,
      metricsPath: '/metrics',
      targets: having('monitoring').map(({ name }) => ({
        address: `localhost:${String(prometheus.port)}`,
        host: name,
      })),
    },
    {
      name: 'node',
      interval: intervals.node,
      metricsPath: '/metrics',
      targets: hosts.map((host) => target(host, nodeExporter.port)),
    },
    {
      name: 'flask-app',
      interval: intervals.flaskApp,
      metricsPath: config.application.metricsPath,
      targets: having('application').map((host) => target(host, config.application.port)),
    },
  ];
  const known = hosts.some((host) => host.instanceId !== undefined);
  return { stack: stackName(config), config, hosts, jobs, discovery: known ? discovery : undefined };
}

/** A record as the model wants it, with the address that the host itself told where AWS told none. */
export function knownHost(record: HostRecord, asked?: string): KnownHost | undefined {
  const privateAddress = record.privateAddress ?? asked;
  if (privateAddress === undefined) return undefined;
  const { name, role, address, instanceId } = record;
  return { name, role, privateAddress, address, instanceId };
}
