import { createServer, type AddressInfo, type Server } from 'node:net';
import { get } from 'node:http';
import { createServer as httpServer } from 'node:http';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HostRecord } from '../../src/hosts/host.js';
import { knownHostsFile } from '../../src/hosts/known-hosts.js';
import { sshTunnel, type Tunnel } from '../../src/hosts/ssh.js';
import { sshServer, type SshServer } from '../support/ssh-server.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const record: HostRecord = {
  name: 'monitoring',
  role: 'monitoring',
  address: '127.0.0.1',
  privateAddress: undefined,
  instanceId: undefined,
};

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function tunnelTo(port: number, localPort = 0): Promise<{ tunnel: Tunnel; ssh: SshServer }> {
  const ssh = await sshServer();
  open.push(ssh);
  const tunnel = await sshTunnel({
    user: 'ec2-user',
    port: ssh.port,
    privateKeys: [ssh.privateKey],
    knownHosts: knownHostsFile(join(mkdtempSync(join(tmpdir(), 'cloudops-test-')), 'known_hosts')),
    acceptNewHostKey: true,
    readyTimeoutMs: 3_000,
  })(record, { address: '127.0.0.1', port, localPort }, new AbortController().signal);
  open.push(tunnel);
  return { tunnel, ssh };
}

const fetchText = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => resolve(text));
    }).on('error', reject);
  });

describe('a tunnel', () => {
  it('leads to the service as the host sees it, for many at once', async () => {
    const service = httpServer((request, response) => response.end(`hello ${request.url ?? ''}`));
    const { tunnel } = await tunnelTo(await listening(service));
    const answers = await Promise.all(Array.from({ length: 12 }, () => fetchText(tunnel.port)));
    expect(new Set(answers)).toEqual(new Set(['hello /']));
    await tunnel.close();
    expect(await tunnel.ended).toBeUndefined();
    await expect(fetchText(tunnel.port)).rejects.toThrow('ECONNREFUSED');
  });

  it('says when the connection under it is gone', async () => {
    const { tunnel, ssh } = await tunnelTo(1);
    ssh.cut();
    expect(await tunnel.ended).toContain('closed');
  });

  it('goes on when the far side refuses one connection', async () => {
    const { tunnel } = await tunnelTo(1);
    await expect(fetchText(tunnel.port)).rejects.toThrow();
    await expect(fetchText(tunnel.port)).rejects.not.toThrow('ECONNREFUSED');
  });

  it('names a local port that is taken', async () => {
    const port = await listening(createServer());
    await expect(tunnelTo(1, port)).rejects.toMatchObject({ code: 'LOCAL_PORT_TAKEN' });
  });
});
