import { homedir } from 'node:os';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { loadConfig, type Override } from '../config/load.js';
import { type Config, stackName } from '../config/schema.js';
import type { Listener } from '../engine/task.js';
import type { Aws } from '../infra/resource.js';
import type { Context } from '../operations/context.js';
import type { AwsFacts } from './aws-clients.js';
import { resolveRegion, sandboxTarget } from './aws-target.js';
import type { SharedFlags } from './flags.js';

/** What the command brings along. */
export interface ContextParts {
  readonly on: Listener;
  readonly signal: AbortSignal;
  /** Prints the line that must come before all others. */
  readonly announce: (line: string) => void;
}

/** The composition root: the only place that knows which implementation stands behind each interface. */
export async function buildContext(flags: SharedFlags, parts: ContextParts): Promise<Context> {
  const loaded = loadConfig({ cwd: process.cwd(), file: flags.config, overrides: overridesOf(flags) });
  const sandbox = flags.sandbox === true;
  const config = sandbox ? sandboxConfig(loaded.config) : loaded.config;
  const stack = stackName(config);
  const region = sandbox ? (config.region ?? 'us-east-1') : resolveRegion(config, process.env);
  const report = (message: string): void => parts.on({ type: 'note', level: 'info', message });
  const target = sandbox
    ? await sandboxTarget({ announce: parts.announce, report })
    : { profile: config.profile };
  const { image, enabled } = loaded.config.application;
  if (sandbox && image !== undefined && enabled) {
    const message = `The placeholder stands in for ${image}: the sandbox's machines can't run containers.`;
    parts.on({ type: 'note', level: 'warning', message });
  }
  const stateDir = join(stateHome(), sandbox ? 'sandbox' : 'aws', region, stack);
  const aws = once(() => connectAws({ region, stack, tags: config.tags, target }));
  const ways = once(async () => {
    const { connectHosts } = await import('./connect-hosts.js');
    const acceptNewHostKey = flags['accept-new-host-key'] === true;
    return connectHosts({ config, stateDir, aws, on: parts.on, acceptNewHostKey, sandbox });
  });
  return {
    config,
    stack,
    region,
    aws,
    sandbox,
    stateDir,
    on: parts.on,
    signal: parts.signal,
    connect: async (...args) => (await ways()).connect(...args),
    tunnel: async (...args) => (await ways()).tunnel(...args),
  };
}

/** The clients, once credentials are found; `CREDENTIALS_MISSING` (exit 7) when there are none. */
async function connectAws(facts: AwsFacts): Promise<Aws> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const { awsClients } = await import('./aws-clients.js');
  const { aws, checkCredentials } = awsClients(facts);
  await checkCredentials();
  return aws;
}

/** In the sandbox the operator's packets come from the bridge gateway: the first address of the VPC's network. */
function sandboxConfig(given: Config): Config {
  const config = { ...given, application: withoutImage(given.application) };
  // Of a network that exists only the API knows the addresses.
  if (config.access.allowCidrs.length > 0 || config.network.vpcId !== undefined) return config;
  const network = ipaddr.IPv4.networkAddressFromCIDR(config.network.vpcCidr);
  const [a, b, c, d = 0] = network.octets;
  return { ...config, access: { ...config.access, allowCidrs: [`${a}.${b}.${c}.${d + 1}/32`] } };
}

/** The sandbox's machines are containers themselves, which run none. */
function withoutImage(application: Config['application']): Config['application'] {
  const none = { image: undefined, containerPort: undefined, environment: {}, environmentFile: undefined };
  return { ...application, ...none };
}

/** Flags (and the variables that stand for them) as values over those of the file. */
function overridesOf(flags: SharedFlags): Override[] {
  const entries: readonly [readonly string[], unknown, string][] = [
    [['project'], flags.project, '--project'],
    [['environment'], flags.environment, '--environment'],
    [['region'], flags.region, '--region'],
    [['profile'], flags.profile, '--profile'],
    [['access', 'allowCidrs'], flags['allow-cidr'], '--allow-cidr'],
    [['ssh', 'user'], flags['ssh-user'], '--ssh-user'],
    [['ssh', 'keyPath'], flags['ssh-key'], '--ssh-key'],
    [['ssh', 'port'], flags['ssh-port'], '--ssh-port'],
    [['ssh', 'knownHosts'], flags['known-hosts'], '--known-hosts'],
    [['ssh', 'via'], flags.via, '--via'],
  ];
  return entries.flatMap(([path, value, from]) => (value === undefined ? [] : [{ path, value, from }]));
}

/** Where keys and passwords of stacks are kept on this machine. */
function stateHome(): string {
  const set = (name: string): string | undefined => process.env[name] || undefined;
  const home = set('CLOUDOPS_HOME');
  if (home !== undefined) return home;
  return join(set('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'cloudops');
}

/** Calls `make` at the first use only; a failure is not kept, the next use tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
