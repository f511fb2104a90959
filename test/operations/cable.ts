import { join } from 'node:path';
import type { Connect } from '../../src/hosts/host.js';
import { knownHostsFile } from '../../src/hosts/known-hosts.js';
import { sshConnect } from '../../src/hosts/ssh.js';
import { cutProxy, type CutProxy } from '../support/cut-proxy.js';
import type { TwoMachines } from './machines.js';

/** The way to two machines over SSH, through cables that can be cut. */
export interface Cable {
  readonly connect: Connect;
  /** By the name of the host. */
  cut(name: string): void;
  close(): Promise<void>;
}

export async function cableTo({ records, stateDir }: TwoMachines): Promise<Cable> {
  const proxies = new Map<string, CutProxy>();
  for (const { name, address = '' } of records) proxies.set(name, await cutProxy(address, 22));
  const connect: Connect = (record, signal) =>
    sshConnect({
      user: 'ec2-user',
      port: proxies.get(record.name)?.port ?? 0,
      privateKeys: [join(stateDir, 'id_ed25519')],
      knownHosts: knownHostsFile(join(stateDir, `known-${record.name}`)),
      acceptNewHostKey: true,
      readyTimeoutMs: 20_000,
    })({ ...record, address: '127.0.0.1' }, signal);
  return {
    connect,
    cut: (name) => proxies.get(name)?.cut(),
    close: async () => {
      for (const proxy of proxies.values()) await proxy.close();
    },
  };
}
