import type { Config } from '../config/schema.js';
import type { Listener } from '../engine/task.js';
import { autoConnect } from '../hosts/auto-connect.js';
import type { Connect, HostRecord } from '../hosts/host.js';
import { afterFirstBoot } from '../hosts/readiness.js';
import { type OpenTunnel, sshConnect, sshTunnel } from '../hosts/ssh.js';
import type { Aws } from '../infra/resource.js';
import { readyTimeoutMs, sshOptions } from './ssh-options.js';
import type { SsmReach } from './ssm-reach.js';

/** What reaching the hosts of a stack depends on. */
export interface ConnectFacts {
  readonly config: Config;
  readonly stateDir: string;
  readonly aws: () => Promise<Aws>;
  readonly on: Listener;
  readonly acceptNewHostKey: boolean;
  readonly sandbox: boolean;
  /** Milliseconds that `auto` gives SSH before it asks for another way. */
  readonly patienceMs?: number;
}

/** The ways to the hosts of a stack. */
export interface Ways {
  readonly connect: Connect;
  readonly tunnel: OpenTunnel;
}

const usualPatienceMs = 20_000;
const firstBoot = { limitMs: 600_000, everyMs: 2_000 };

/** SSH, SSM or SSH first, as the config says; an instance that starts is waited for rung by rung. */
export function connectHosts(facts: ConnectFacts): Ways {
  const { config, on, patienceMs = usualPatienceMs } = facts;
  const say = ({ name }: HostRecord, message: string): void =>
    on({ type: 'note', level: 'info', message: `${name}: ${message}` });
  const reach = ssmLater(facts, say);
  const options = sshOptions(facts, { hostKeys: reach.hostKeys, onProgress: say });
  const ssh = sshConnect({ ...options, readyTimeoutMs: readyTimeoutMs({ instanceId: 'any' }) });
  const patient: Connect = (record, signal, limits = {}) => {
    const limit = Math.min(readyTimeoutMs(record), limits.readyTimeoutMs ?? Infinity);
    return ssh(record, signal, { ...limits, readyTimeoutMs: limit });
  };
  const note = (message: string): void => on({ type: 'note', level: 'warning', message });
  const auto = autoConnect({ ssh: patient, ssm: reach.connect, online: reach.online, note, patienceMs });
  const way = { ssh: patient, ssm: reach.connect, auto }[config.ssh.via];
  const tunnel = sshTunnel({ ...options, readyTimeoutMs: readyTimeoutMs({}) });
  return {
    connect: ladder(facts, way, say),
    tunnel: async (record, to, signal) =>
      tunnel(await addressed(facts, record, signal, (text) => say(record, text)), to, signal),
  };
}

/** Running, address, port, login, first boot done. */
function ladder(
  facts: ConnectFacts,
  way: Connect,
  say: (record: HostRecord, message: string) => void,
): Connect {
  return async (given, signal, limits) => {
    const report = limits?.report ?? ((message: string) => say(given, message));
    const record = await addressed(facts, given, signal, report);
    const host = await way(record, signal, limits);
    const limitMs = Math.min(firstBoot.limitMs, limits?.readyTimeoutMs ?? Infinity);
    return afterFirstBoot(host, { ...firstBoot, limitMs, report, signal });
  };
}

/** A record whose instance has no address yet gets the one it comes to have. */
async function addressed(
  { aws }: ConnectFacts,
  record: HostRecord,
  signal: AbortSignal,
  report: (message: string) => void,
): Promise<HostRecord> {
  const { instanceId, address, name } = record;
  if (address !== undefined || instanceId === undefined) return record;
  const { runningAddress } = await import('../infra/instance-address.js');
  return { ...record, address: await runningAddress(await aws(), { name, instanceId }, { signal, report }) };
}

/** SSM loads the SDK, which takes its time: only when it is used. */
function ssmLater(facts: ConnectFacts, say: (record: HostRecord, message: string) => void): SsmReach {
  let made: Promise<SsmReach> | undefined;
  const load = (): Promise<SsmReach> =>
    (made ??= import('./ssm-reach.js').then(({ ssmReach }) => ssmReach(facts, say)));
  return {
    connect: async (...args) => (await load()).connect(...args),
    online: async (...args) => (await load()).online(...args),
    hostKeys: async (...args) => (args[0].instanceId === undefined ? [] : (await load()).hostKeys(...args)),
  };
}
