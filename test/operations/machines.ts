import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.js';
import type { Event } from '../../src/engine/task.js';
import type { Connect, HostRecord, Role } from '../../src/hosts/host.js';
import { knownHostsFile } from '../../src/hosts/known-hosts.js';
import { sshConnect } from '../../src/hosts/ssh.js';
import type { Configured } from '../../src/operations/configure-monitoring.js';
import type { Context } from '../../src/operations/context.js';
import { dockerMachines } from '../../src/sandbox/machines/docker.js';
import { removeFleet } from '../../src/sandbox/machines/fleet.js';
import type { MachineExec } from '../../src/sandbox/machines/machines.js';

/** Docker inside makes control groups, which the machine's own systemd has mounted read-only under v1. */
const writableCgroups = `mkdir -p /etc/systemd/system/docker.service.d
printf '%s\\n' '[Service]' "ExecStartPre=/bin/sh -c 'for m in /sys/fs/cgroup/*/; do mount -o remount,bind,rw \\$\\$m || true; done'" >/etc/systemd/system/docker.service.d/cgroup.conf`;

/** Two machines of the sandbox in a network of their own, a monitoring and an application host. */
export interface TwoMachines {
  readonly records: readonly HostRecord[];
  readonly stateDir: string;
  readonly events: Event[];
  /** The host of each round trip so far; tests empty it. */
  readonly trips: string[];
  /** A context that reaches them over SSH. `config` is what cloudops.yaml would hold. */
  context(config?: object, sandbox?: boolean): Context;
  exec(name: string, script: string): Promise<MachineExec>;
  /** Resolves once its systemd answers again. */
  reboot(name: string): Promise<void>;
  close(): Promise<void>;
}

/** `nested`: Docker can run inside that host. `block` is the second byte of the network 10.BLOCK.0.0/24: one that no other suite uses. */
export async function twoMachines(block: number, nested?: Role): Promise<TwoMachines> {
  const stateDir = mkdtempSync(join(tmpdir(), 'cloudops-hosts-'));
  const key = join(stateDir, 'id_ed25519');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKey = readFileSync(`${key}.pub`, 'utf8');
  const vpcId = `vpc-test${String(block)}`;
  const sandbox = `test-${String(block)}`;
  const machines = dockerMachines({ sandbox, report: () => undefined });
  // A run that was killed leaves its machines, and Docker starts those again, with that run's key.
  await removeFleet(sandbox);
  const id = (name: string): string => `i-${name}-${String(block)}`;
  const start = async (name: string, role: Role, last: number): Promise<HostRecord> => {
    const privateIp = `10.${String(block)}.0.${String(last)}`;
    const vpcCidr = `10.${String(block)}.0.0/24`;
    const spec = {
      instanceId: id(name),
      vpcId,
      vpcCidr,
      privateIp,
      hostname: name,
      publicKey,
      userData: undefined,
      nested: nested === role,
    };
    const { publicIp } = await machines.start(spec);
    if (spec.nested) await machines.exec(id(name), writableCgroups, 60_000);
    return { name, role, address: publicIp, privateAddress: undefined, instanceId: undefined };
  };
  const records = await Promise.all([
    start('monitoring', 'monitoring', 10),
    start('application-1', 'application', 11),
  ]);
  const events: Event[] = [];
  const trips: string[] = [];
  const overSsh = sshConnect({
    user: 'ec2-user',
    port: 22,
    privateKeys: [key],
    knownHosts: knownHostsFile(join(stateDir, 'known_hosts')),
    acceptNewHostKey: true,
    readyTimeoutMs: 30_000,
  });
  const connect: Connect = async (record, signal) => {
    const host = await overSsh(record, signal);
    return { ...host, exec: (script, options) => (trips.push(record.name), host.exec(script, options)) };
  };
  return {
    records,
    stateDir,
    events,
    trips,
    context: (config = {}, sandbox = true) => ({
      config: configSchema.parse(config),
      stack: 'smartcloudops-dev',
      region: 'us-east-1',
      aws: () => Promise.reject(new Error('no AWS here')),
      connect,
      on: (event) => void events.push(event),
      signal: new AbortController().signal,
      sandbox,
      stateDir,
    }),
    exec: (name, script) => machines.exec(id(name), script, 60_000),
    reboot: (name) => machines.reboot(id(name)),
    close: async () => {
      await Promise.all(records.map(({ name }) => machines.remove(id(name))));
      await machines.removeNetwork(vpcId);
      rmSync(stateDir, { recursive: true });
    },
  };
}

/** What failed in a run: the code alone where it is the one that is expected, else also the message. */
export function failedWith(expected: string, { report }: Pick<Configured, 'report'>): readonly string[] {
  return report.results.flatMap((one) => {
    if (one.status !== 'failed') return [];
    const { code = '', message } = one.error as Error & { code?: string };
    return [code === expected ? code : `${code} ${message}`];
  });
}

/** What went wrong in a run: the tasks that failed, with their errors, and those that were skipped for it. */
export function broken({ report }: Pick<Configured, 'report'>): readonly string[] {
  return report.results.flatMap((one) =>
    one.status === 'failed' ? [`${one.id}: ${one.error.message}`] : one.status === 'skipped' ? [one.id] : [],
  );
}
