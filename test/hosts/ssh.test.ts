import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CloudopsError } from '../../src/errors.js';
import type { Host, HostRecord } from '../../src/hosts/host.js';
import { knownHostsFile } from '../../src/hosts/known-hosts.js';
import { sshConnect, type SshOptions } from '../../src/hosts/ssh.js';
import { newKeys, sshServer, type SshServer, type SshServerOptions } from '../support/ssh-server.js';

const open: { close(): Promise<void> }[] = [];
const never = new AbortController().signal;
const record: HostRecord = {
  name: 'application-1',
  role: 'application',
  address: '127.0.0.1',
  privateAddress: undefined,
  instanceId: 'i-0123456789abcdef0',
};

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function server(options?: SshServerOptions): Promise<SshServer> {
  const started = await sshServer(options);
  open.push(started);
  return started;
}

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'cloudops-test-'));
}

function optionsFor(to: SshServer, more: Partial<SshOptions> = {}): SshOptions {
  return {
    user: 'ec2-user',
    port: to.port,
    privateKeys: [to.privateKey],
    knownHosts: knownHostsFile(join(temporary(), 'known_hosts')),
    hostKeys: () => Promise.resolve([to.hostKey]),
    acceptNewHostKey: false,
    readyTimeoutMs: 3_000,
    ...more,
  };
}

async function login(options: SshOptions, to: HostRecord = record): Promise<Host> {
  const host = await sshConnect(options)(to, never);
  open.push(host);
  return host;
}

async function errorOf(promise: Promise<unknown>): Promise<CloudopsError> {
  return (await promise.then(
    () => new Error('it worked'),
    (error: unknown) => error,
  )) as CloudopsError;
}

describe('a host over SSH', () => {
  it('runs a script with input of its own, and shows neither in an argument', async () => {
    const to = await server();
    const host = await login(optionsFor(to));
    const result = await host.exec('echo out; cat; echo err >&2; exit 7', { stdin: 'pass\u00e9word' });
    expect(result).toEqual({ code: 7, stdout: 'out\npass\u00e9word', stderr: 'err\n' });
    expect(to.commands.join()).not.toMatch(/word|echo out/);
  });

  it('gives a large output in full, and lines as they come', async () => {
    const host = await login(optionsFor(await server()));
    const lines: string[] = [];
    const { stdout } = await host.exec(
      'i=0; while [ $i -lt 20000 ]; do echo "line $i äöü"; i=$((i+1)); done',
      {
        onLine: (line) => lines.push(line),
      },
    );
    expect(lines).toHaveLength(20_000);
    expect(stdout).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('says which signal ended a script', async () => {
    const host = await login(optionsFor(await server()));
    expect(await host.exec('kill -KILL $$')).toMatchObject({ code: 137, signal: 'SIGKILL' });
  });

  it('ends the remote side when a command takes too long, or is aborted', async () => {
    const host = await login(optionsFor(await server()));
    const file = join(temporary(), 'pid');
    const late = await errorOf(host.exec(`echo $$ >${file}; sleep 60`, { timeoutMs: 300 }));
    expect(late.code).toBe('HOST_COMMAND_TIMEOUT');
    expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH');
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const aborted = await errorOf(host.exec(`echo $$ >${file}; sleep 60`, { signal: abort.signal }));
    expect(aborted).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH');
  });

  it('puts any bytes in place at once, and names a missing directory', async () => {
    const host = await login(optionsFor(await server()));
    const path = join(temporary(), "it's a file");
    const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
    await host.put(bytes, path, { mode: 0o600, owner });
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await errorOf(host.put('x', '/nowhere/at/all', { owner }))).toMatchObject({
      code: 'FILE_NO_DIRECTORY',
    });
  });

  it('never has more than eight channels open at once', async () => {
    const to = await server();
    const host = await login(optionsFor(to));
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => host.exec(`sleep 0.05; echo ${n}`)));
    expect(all.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(to.mostChannels()).toBeLessThanOrEqual(8);
  });

  it('asks again when sshd has no channel free', async () => {
    const to = await server({ refuseChannels: 2 });
    const host = await login(optionsFor(to));
    expect((await host.exec('echo on')).stdout).toBe('on\n');
  });

  it('is one connection however often it is asked for', async () => {
    const to = await server();
    const connect = sshConnect(optionsFor(to));
    const [first, second] = await Promise.all([connect(record, never), connect(record, never)]);
    await first.close();
    expect((await second.exec('echo on')).stdout).toBe('on\n');
    await second.close();
    expect(to.logins()).toBe(1);
    const third = await connect(record, never);
    await third.close();
    expect(to.logins()).toBe(2);
  });

  it('reports a cut connection as that', async () => {
    const to = await server();
    const host = await login(optionsFor(to));
    const running = errorOf(host.exec('echo started; sleep 5', { onLine: () => to.cut() }));
    expect(await running).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    expect(await errorOf(host.exec('true'))).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  });

  it("tells sudo's refusal from a script's", async () => {
    const to = await server({ sudoRefusal: 'sudo: a password is required' });
    const host = await login(optionsFor(to));
    expect(await errorOf(host.exec('true'))).toMatchObject({
      code: 'SSH_SUDO_REFUSED',
      why: 'sudo said: sudo: a password is required.',
    });
  });

  it('goes through a jump host named in the ssh config', async () => {
    const [jump, to] = [await server(), await server()];
    const sshConfig = `Host 127.0.0.1\n  ProxyJump hop\nHost hop\n  HostName localhost\n  Port ${jump.port}\n  IdentityFile ${jump.privateKey}\n`;
    const host = await login(optionsFor(to, { sshConfig, hostKeys: undefined, acceptNewHostKey: true }));
    expect((await host.exec('echo through')).stdout).toBe('through\n');
    expect([jump.logins(), to.logins()]).toEqual([1, 1]);
  });
});

describe('the host key', () => {
  it('is learned from AWS, kept under the instance id, and not asked for again', async () => {
    const to = await server();
    let asked = 0;
    const hostKeys = (): Promise<readonly string[]> => Promise.resolve((asked += 1) > 0 ? [to.hostKey] : []);
    const options = optionsFor(to, { hostKeys });
    await login(options);
    await login(options);
    expect(asked).toBe(1);
    expect(readFileSync(options.knownHosts.path, 'utf8')).toMatch(/^i-0123456789abcdef0 ssh-ed25519 \S+\n$/);
    expect(statSync(options.knownHosts.path).mode & 0o777).toBe(0o600);
  });

  it('is refused when it changed, with both fingerprints, even with --accept-new-host-key', async () => {
    const to = await server();
    const options = optionsFor(to, { acceptNewHostKey: true });
    options.knownHosts.add('i-0123456789abcdef0', [
      { type: 'ssh-ed25519', key: newKeys().public.split(' ')[1] ?? '' },
    ]);
    const error = await errorOf(login(options));
    expect(error.code).toBe('SSH_HOST_KEY_CHANGED');
    expect(error.why?.match(/SHA256:[\w+/]{43}/g)).toHaveLength(2);
    expect(to.logins()).toBe(0);
  });

  it('is refused when AWS knows another', async () => {
    const to = await server();
    const error = await errorOf(
      login(optionsFor(to, { hostKeys: () => Promise.resolve([newKeys().public]) })),
    );
    expect(error.code).toBe('SSH_HOST_KEY_CHANGED');
  });

  it('of an unknown host is refused, unless it may be accepted; then it is kept', async () => {
    const to = await server();
    const stranger = { ...record, instanceId: undefined };
    const options = optionsFor(to, { hostKeys: undefined });
    expect(await errorOf(login(options, stranger))).toMatchObject({ code: 'SSH_HOST_KEY_UNKNOWN' });
    await login({ ...options, acceptNewHostKey: true }, stranger);
    await login(options, stranger);
    expect(readFileSync(options.knownHosts.path, 'utf8')).toContain(`[127.0.0.1]:${to.port} ssh-ed25519 `);
  });

  it('of a new instance at an old address is no conflict', async () => {
    const first = await server();
    const options = optionsFor(first);
    await login(options);
    const port = first.port;
    await first.close();
    const second = await server({ port });
    const changed = {
      ...options,
      privateKeys: [second.privateKey],
      hostKeys: () => Promise.resolve([second.hostKey]),
    };
    await login(changed, { ...record, instanceId: 'i-0fedcba9876543210' });
    expect(second.logins()).toBe(1);
  });
});

describe('waiting for a host', () => {
  it('ends at once when there is no address', async () => {
    const error = await errorOf(login(optionsFor(await server()), { ...record, address: undefined }));
    expect(error.code).toBe('SSH_NO_ADDRESS');
  });

  it('goes on while the port is refused, and connects when sshd is there', async () => {
    const first = await sshServer();
    await first.close();
    const said: string[] = [];
    const options = optionsFor(first, {
      onProgress: (_, message) => said.push(message),
      hostKeys: undefined,
    });
    const host = login({ ...options, acceptNewHostKey: true, privateKeys: [] });
    const failed = errorOf(host);
    const late = new Promise<SshServer>((resolve) => {
      setTimeout(() => void server({ port: first.port }).then(resolve), 300);
    });
    await late;
    expect(await failed).toMatchObject({ code: 'SSH_LOGIN_REFUSED' });
    expect(said[0]).toContain('the port is refused');
    expect(said[1]).toContain('permission denied');
  });

  it('goes on while the login is refused: cloud-init may be late', async () => {
    const to = await server({ refuseLogins: 2 });
    await login(optionsFor(to));
    expect(to.logins()).toBe(1);
  });

  it('ends with what was tried when the key is wrong', async () => {
    const to = await server();
    const wrong = join(temporary(), 'wrong');
    writeFileSync(wrong, newKeys().private);
    const error = await errorOf(login(optionsFor(to, { privateKeys: [wrong], loginTimeoutMs: 100 })));
    expect(error).toMatchObject({ code: 'SSH_LOGIN_REFUSED' });
    expect(error.why).toContain(wrong);
  });

  it('says that something else listens on the port', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const port = (silent.address() as AddressInfo).port;
    const options = optionsFor(await server(), { port, readyTimeoutMs: 1_200, hostKeys: undefined });
    expect(await errorOf(login(options))).toMatchObject({
      code: 'SSH_UNREACHABLE',
      fix: [expect.stringContaining('not sshd')],
    });
    silent.close();
  });

  it('gives up sooner for a caller with less patience', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const port = (silent.address() as AddressInfo).port;
    const options = optionsFor(await server(), { port, readyTimeoutMs: 60_000, hostKeys: undefined });
    const began = Date.now();
    const signal = new AbortController().signal;
    await expect(sshConnect(options)(record, signal, { readyTimeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'SSH_UNREACHABLE',
    });
    expect(Date.now() - began).toBeLessThan(20_000);
    silent.close();
  });
});
