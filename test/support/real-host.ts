import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, HostRecord } from '../../src/hosts/host.js';
import { knownHostsFile } from '../../src/hosts/known-hosts.js';
import { sshConnect } from '../../src/hosts/ssh.js';
import { dockerMachines } from '../../src/sandbox/machines/docker.js';
import { removeFleet } from '../../src/sandbox/machines/fleet.js';
import type { Machines } from '../../src/sandbox/machines/machines.js';
import { newKeys } from './ssh-server.js';

/** A machine of the sandbox, logged in to over SSH as the product does it. */
export interface RealHost {
  readonly host: Host;
  readonly record: HostRecord;
  readonly machines: Machines;
  /** Logs in anew, e.g. after a reboot. */
  connect(): Promise<Host>;
  remove(): Promise<void>;
}

/** Starts one, in a network of its own; `octet` keeps networks of different suites apart. */
export async function realHost(octet: number): Promise<RealHost> {
  const sandbox = `test-host-${octet}`;
  const machines = dockerMachines({ sandbox, report: () => undefined });
  // What a run that was killed has left holds the network.
  await removeFleet(sandbox);
  const keys = newKeys();
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-real-'));
  const privateKey = join(directory, 'key');
  writeFileSync(privateKey, keys.private, { mode: 0o600 });
  const id = `i-${process.pid.toString(16).padStart(9, '0')}${octet.toString(16).padStart(8, '0')}`;
  const vpcId = `vpc-test-${process.pid}-${octet}`;
  const spec = { instanceId: id, vpcId, vpcCidr: `10.${octet}.0.0/16`, privateIp: `10.${octet}.1.10` };
  const { publicIp } = await machines.start({
    ...spec,
    hostname: `ip-10-${octet}-1-10`,
    publicKey: keys.public,
    userData: undefined,
  });
  const record: HostRecord = {
    name: 'application-1',
    role: 'application',
    address: publicIp,
    privateAddress: spec.privateIp,
    instanceId: id,
  };
  const connect = (): Promise<Host> =>
    sshConnect({
      user: 'ec2-user',
      port: 22,
      privateKeys: [privateKey],
      knownHosts: knownHostsFile(join(directory, 'known_hosts')),
      hostKeys: async () =>
        (await machines.console(id)).split('\n').filter((line) => line.startsWith('ssh-')),
      acceptNewHostKey: true,
      readyTimeoutMs: 60_000,
    })(record, new AbortController().signal);
  const host = await connect();
  const remove = async (): Promise<void> => {
    await machines.remove(id);
    await machines.removeNetwork(vpcId);
    rmSync(directory, { recursive: true });
  };
  return { host, record, machines, connect, remove };
}
