import { cidrProblem, contains, overlaps } from './cidr.js';
import { durationSeconds } from './duration.js';
import type { Config } from './schema.js';

/** What is wrong between keys that are each right by themselves. */
export interface CrossProblem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Everything that is wrong between keys. Pure. */
export function crossProblems(config: Config): CrossProblem[] {
  return [
    ...networkProblems(config.network),
    ...portProblems(config),
    ...containerProblems(config.application),
    ...keyProblems(config),
    ...windowProblems(config),
    ...intervalProblems(config),
  ];
}

function networkProblems(network: Config['network']): CrossProblem[] {
  const problems: CrossProblem[] = [];
  // A malformed network is told at its own key; here it can't be compared.
  if ([network.vpcCidr, ...network.subnetCidrs].some((one) => cidrProblem(one) !== undefined)) return [];
  const size = Number(network.vpcCidr.split('/')[1]);
  if (size < 16 || size > 28) {
    problems.push({ path: ['network', 'vpcCidr'], message: 'AWS takes /16 to /28 for a VPC' });
  }
  network.subnetCidrs.forEach((subnet, index) => {
    const path = ['network', 'subnetCidrs', index];
    if (!contains(network.vpcCidr, subnet)) {
      problems.push({ path, message: `${subnet} is not inside the VPC ${network.vpcCidr}` });
    }
    if (Number(subnet.split('/')[1]) > 28)
      problems.push({ path, message: 'AWS takes /16 to /28 for a subnet' });
    const other = network.subnetCidrs.slice(0, index).find((before) => overlaps(before, subnet));
    if (other !== undefined) problems.push({ path, message: `${subnet} overlaps ${other}` });
  });
  if (network.zones !== undefined && network.zones.length < network.subnetCidrs.length) {
    problems.push({ path: ['network', 'zones'], message: 'name one zone for each of subnetCidrs' });
  }
  if ((network.vpcId === undefined) !== (network.subnetIds === undefined)) {
    problems.push({ path: ['network', 'vpcId'], message: 'vpcId and subnetIds go together' });
  }
  return problems;
}

/** What only a container has means that one was wanted. */
function containerProblems(application: Config['application']): CrossProblem[] {
  if (application.image !== undefined) return [];
  const { containerPort, environment, environmentFile } = application;
  const given = { containerPort, environmentFile, environment: Object.keys(environment)[0] };
  return Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [
      { path: ['application', key], message: 'is for a container of your own: name its application.image' },
    ];
  });
}

type Listener = readonly [path: string[], port: number];

/** What listens on one host needs ports of its own. */
function portProblems({ monitoring, application, ssh }: Config): CrossProblem[] {
  const { prometheus, grafana, nodeExporter } = monitoring;
  const sshd: Listener = [['ssh', 'port'], ssh.port];
  const exporter: Listener = [['monitoring', 'nodeExporter', 'port'], nodeExporter.port];
  const onMonitoring: Listener[] = [[['monitoring', 'prometheus', 'port'], prometheus.port], exporter];
  if (grafana.enabled) onMonitoring.push([['monitoring', 'grafana', 'port'], grafana.port]);
  return [
    ...clashes([sshd, ...onMonitoring]),
    ...clashes([sshd, exporter, [['application', 'port'], application.port]]).filter(
      ({ path }) => path[0] === 'application',
    ),
  ];
}

function clashes(listeners: readonly Listener[]): CrossProblem[] {
  return listeners.flatMap(([path, port], index) => {
    const other = listeners.slice(0, index).find(([, taken]) => taken === port);
    if (other === undefined) return [];
    return [{ path, message: `port ${port} is taken by ${other[0].join('.')} on the same host` }];
  });
}

function keyProblems({ ssh, project, environment }: Config): CrossProblem[] {
  if (ssh.keyName === undefined) return [];
  const path = ['ssh', 'keyName'];
  if (ssh.publicKeyPath !== undefined) return [{ path, message: 'give keyName or publicKeyPath, not both' }];
  // Hosts would look as if they had the pair that the stack makes for itself.
  const isOurs = ssh.keyName === `${project}-${environment}`;
  return isOurs ? [{ path, message: 'this is the name that the stack gives to its own key pair' }] : [];
}

/** Windows of rates and Grafana's data source reckon with `scrapeInterval` as the slowest. */
function intervalProblems({ monitoring }: Config): CrossProblem[] {
  const { scrapeInterval, jobIntervals } = monitoring.prometheus;
  return Object.entries(jobIntervals).flatMap(([job, interval]) => {
    if (interval === undefined || durationSeconds(interval) <= durationSeconds(scrapeInterval)) return [];
    const message = `must not be longer than monitoring.prometheus.scrapeInterval (${scrapeInterval})`;
    return [{ path: ['monitoring', 'prometheus', 'jobIntervals', job], message }];
  });
}

/** A rate needs two samples: over a shorter window it is nothing, and the alert could never fire. */
function windowProblems({ alerts, monitoring }: Config): CrossProblem[] {
  const { scrapeInterval } = monitoring.prometheus;
  return (['highCpuUsage', 'highRequestRate', 'highRequestDuration'] as const).flatMap((alert) => {
    const { window } = alerts[alert];
    if (window === undefined || durationSeconds(window) >= 2 * durationSeconds(scrapeInterval)) return [];
    const message = `must be at least two scrapes (monitoring.prometheus.scrapeInterval is ${scrapeInterval})`;
    return [{ path: ['alerts', alert, 'window'], message }];
  });
}
