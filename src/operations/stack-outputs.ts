import { grafanaScheme } from '../config/https.js';
import { privateKeyPath } from '../infra/key-file.js';
import { explain } from '../infra/aws-errors.js';
import { discover } from '../infra/discover.js';
import { kinds } from '../infra/kinds.js';
import { instancesShown } from '../infra/resources/instance.js';
import type { Address } from '../infra/resource.js';
import { CloudopsError } from '../errors.js';
import type { Context } from './context.js';

export interface HostOutput {
  /** Its name in the stack: `monitoring`, `application-2`. */
  readonly name: string;
  readonly instanceId: string;
  readonly publicIp: string | undefined;
  readonly privateIp: string | undefined;
  /** The command line that logs in; undefined while the host has no public address. */
  readonly ssh: string | undefined;
}

/** The document of `infra output --json`. */
export interface Outputs {
  readonly stack: string;
  readonly region: string;
  readonly vpcId: string | undefined;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: { readonly web: string | undefined; readonly monitoring: string | undefined };
  readonly keyName: string | undefined;
  readonly privateKeyPath: string;
  readonly monitoring: HostOutput | undefined;
  readonly applications: readonly HostOutput[];
  readonly urls: {
    readonly prometheus: string | undefined;
    readonly grafana: string | undefined;
    readonly application: readonly string[];
  };
}

interface Shown {
  readonly name: string;
  readonly id: string;
  readonly shows: Readonly<Record<string, string>>;
}

/** Addresses, URLs and ssh command lines of the stack that exists. Rejects when there is none. */
export async function stackOutputs(context: Context): Promise<Outputs> {
  const aws = await context.aws();
  const needed = new Map(
    [...kinds].filter(([kind]) => /^(vpc|subnet|security-group|key-pair|instance)$/.test(kind)),
  );
  let actual;
  try {
    actual = await discover(needed, aws);
  } catch (error) {
    throw explain(error, 'read the stack');
  }
  if (actual.length === 0) throw noStack(context);
  const ids = new Map(actual.map(({ kind, name, id }): [Address, string] => [`${kind}/${name}`, id]));
  const hosts = actual.filter(({ kind }) => kind === 'instance');
  return outputsFrom(
    context,
    ids,
    hosts.map(({ name, id, shows = {} }) => ({ name, id, shows })),
  );
}

/** The outputs after a run that knows the ids already: at most one call, for addresses that may have changed. */
export async function outputsAfter(
  context: Context,
  ids: ReadonlyMap<Address, string>,
  settled: readonly string[] = [],
): Promise<Outputs> {
  return outputsFrom(context, ids, await instancesShown(await context.aws(), settled));
}

/** Pure: the outputs out of ids by address and the hosts' addresses. */
export function outputsFrom(
  { config, stack, region, stateDir }: Pick<Context, 'config' | 'stack' | 'region' | 'stateDir'>,
  ids: ReadonlyMap<Address, string>,
  hosts: readonly Shown[],
): Outputs {
  const keyFile = privateKeyPath(config.ssh, stateDir);
  // In a network of the operator's a host may have no public address, and is reached from inside.
  const isOwn = config.network.vpcId !== undefined;
  const reached = (shows: Shown['shows']): string | undefined =>
    some(shows['publicIp']) ?? (isOwn ? some(shows['privateIp']) : undefined);
  const output = ({ name, id, shows }: Shown): HostOutput => ({
    name,
    instanceId: id,
    publicIp: some(shows['publicIp']),
    privateIp: some(shows['privateIp']),
    ssh: reached(shows) && sshLine(keyFile, config.ssh, reached(shows) ?? ''),
  });
  const ofRole = (role: string): Shown[] =>
    hosts.filter(({ shows }) => shows['role'] === role).sort((a, b) => byNumber(a.name, b.name));
  const [watcher] = ofRole('monitoring').map(output);
  const applications = ofRole('application').map(output);
  const url = (host: HostOutput | undefined, port: number, scheme = 'http'): string | undefined => {
    const address = host?.publicIp ?? (isOwn ? host?.privateIp : undefined);
    return address && `${scheme}://${address}:${port}`;
  };
  const { enabled: hasGrafana, port: grafanaPort } = config.monitoring.grafana;
  return {
    stack,
    region,
    vpcId: config.network.vpcId ?? ids.get('vpc/main'),
    subnetIds: config.network.subnetIds ?? subnetIdsIn(ids),
    securityGroupIds: {
      web: ids.get('security-group/web'),
      monitoring: ids.get('security-group/monitoring'),
    },
    keyName: config.ssh.keyName ?? ids.get('key-pair/main'),
    privateKeyPath: keyFile,
    monitoring: watcher,
    applications,
    urls: {
      prometheus: url(watcher, config.monitoring.prometheus.port),
      grafana: hasGrafana ? url(watcher, grafanaPort, grafanaScheme(config.monitoring)) : undefined,
      application: applications.flatMap((host) => url(host, config.application.port) ?? []),
    },
  };
}

function subnetIdsIn(ids: ReadonlyMap<Address, string>): string[] {
  return [...ids]
    .filter(([address]) => address.startsWith('subnet/') && !address.includes('@'))
    .sort(([a], [b]) => byNumber(a, b))
    .map(([, id]) => id);
}

const some = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

function sshLine(keyFile: string, ssh: Context['config']['ssh'], address: string): string {
  const port = ssh.port === 22 ? '' : ` -p ${ssh.port}`;
  const path = /^[\w@%+=:,./-]+$/.test(keyFile) ? keyFile : `'${keyFile.replaceAll("'", `'\\''`)}'`;
  return `ssh -i ${path}${port} ${ssh.user}@${address}`;
}

/** There is nothing that carries the stack's tag. */
export function noStack({ stack, region }: Pick<Context, 'stack' | 'region'>): CloudopsError {
  return new CloudopsError({
    code: 'NO_STACK',
    what: `There is no stack '${stack}' in ${region}.`,
    why: `Nothing there carries the tag cloudops:stack=${stack}.`,
    fix: [
      "Make it with 'cloudops infra up', or name another one with '--project', '--environment', '--region'.",
    ],
  });
}
