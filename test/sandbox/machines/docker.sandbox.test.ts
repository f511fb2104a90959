import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { dockerMachines } from '../../../src/sandbox/machines/docker.js';
import { listFleet, listNetworks, removeFleet, stopFleet } from '../../../src/sandbox/machines/fleet.js';
import { describeWith, hasDocker } from '../../support/requires.js';

const run = promisify(execFile);
const sandbox = 'test-machines';
const suffix = `${process.pid}test`;
const machines = dockerMachines({ sandbox, report: (line) => void process.stderr.write(`${line}\n`) });

describeWith('a Docker engine', hasDocker())('machines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudops-machines-'));
  const key = join(folder, 'key');
  const spec = (last: number) => ({
    instanceId: `i-${last}${suffix}`,
    vpcId: `vpc-${suffix}`,
    vpcCidr: '10.77.0.0/16',
    privateIp: `10.77.1.${last}`,
    hostname: `ip-10-77-1-${last}`,
    publicKey: readFileSync(`${key}.pub`, 'utf8'),
    userData: '#!/bin/sh\necho ran >> /root/user-data-ran\n',
  });
  const one = `i-10${suffix}`;
  const two = `i-11${suffix}`;

  async function ssh(address: string, script: string, attempts = 40): Promise<string> {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'ConnectTimeout=5',
    ];
    const flags = options.flatMap((option) => ['-o', option]);
    for (let attempt = 0; ; attempt++)
      try {
        return (await run('ssh', ['-i', key, ...flags, `ec2-user@${address}`, script])).stdout.trim();
      } catch (error) {
        if (attempt >= attempts || !/refused|reset|timed out|closed/i.test(String(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
  }

  beforeAll(async () => {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    expect(await machines.unavailable()).toBeUndefined();
    await removeFleet(sandbox);
    await Promise.all([machines.start(spec(10)), machines.start(spec(11))]);
  }, 300_000);

  afterAll(async () => {
    await removeFleet(sandbox);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('lets ec2-user in with the key, and be root without a password', async () => {
    expect(await ssh('10.77.1.10', 'whoami; sudo -n id -u; hostname')).toBe('ec2-user\n0\nip-10-77-1-10');
  }, 30_000);

  it('runs systemd with nothing failed, and the user data once', async () => {
    expect(await ssh('10.77.1.10', 'systemctl is-system-running --wait')).toBe('running');
    expect(await ssh('10.77.1.10', 'sudo cat /root/user-data-ran')).toBe('ran');
  }, 30_000);

  it('runs hardened units', async () => {
    const unit = [
      'PrivateUsers',
      'PrivateTmp',
      'PrivateDevices',
      'ProtectHome',
      'NoNewPrivileges',
      'DynamicUser',
    ]
      .map((name) => `-p ${name}=yes`)
      .join(' ');
    const script = `sudo systemd-run -q ${unit} -p ProtectSystem=strict -p SystemCallFilter=@system-service --wait --pipe sh -c 'touch /usr/x 2>/dev/null || echo read-only'`;
    expect(await ssh('10.77.1.10', script)).toBe('read-only');
  }, 30_000);

  it('lets machines reach each other by private address', async () => {
    expect(await ssh('10.77.1.10', 'exec 3<>/dev/tcp/10.77.1.11/22 && head -c 4 <&3')).toBe('SSH-');
  }, 30_000);

  it('gives each its own host keys, and shows them on its console', async () => {
    const scan = async (address: string): Promise<string[]> =>
      (await run('ssh-keyscan', [address])).stdout
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(' ').slice(1, 3).join(' '))
        .sort();
    const text = await machines.console(one);
    const block = /-----BEGIN SSH HOST KEY KEYS-----\r\n([^]*?)-----END SSH HOST KEY KEYS-----\r\n/.exec(
      text,
    )?.[1];
    const shown = (block ?? '')
      .split('\r\n')
      .filter(Boolean)
      .map((line) => line.split(' ').slice(0, 2).join(' '));
    expect(shown.sort()).toEqual(await scan('10.77.1.10'));
    expect(shown).toHaveLength(2);
    expect(await scan('10.77.1.11')).not.toEqual(shown);
  }, 30_000);

  it('runs scripts as root, with their code and both outputs, and ends them in time', async () => {
    expect(await machines.exec(one, 'id -u; cat; echo no >&2; exit 7', 5000)).toEqual({
      code: 7,
      stdout: '0\n',
      stderr: 'no\n',
    });
    expect((await machines.exec(one, 'sleep 60', 1000)).code).toBe(124);
  }, 30_000);

  it('keeps the disk and the address over stop and resume', async () => {
    await machines.exec(one, 'echo kept > /root/file', 5000);
    await machines.stop(one);
    await expect(ssh('10.77.1.10', 'true', 0)).rejects.toThrow();
    expect(await machines.console(one)).toBe('');
    expect(await machines.resume(one)).toEqual({ publicIp: '10.77.1.10' });
    expect(await ssh('10.77.1.10', 'sudo cat /root/file /root/user-data-ran')).toBe('kept\nran');
  }, 60_000);

  it('comes back from a reboot, asked for outside or inside', async () => {
    await machines.reboot(one);
    expect(await ssh('10.77.1.10', 'sudo cat /root/file')).toBe('kept');
    const boot = await ssh('10.77.1.10', 'systemctl show -P UserspaceTimestampMonotonic');
    await ssh('10.77.1.10', 'sudo systemctl reboot').catch(() => undefined);
    let after = boot;
    for (const end = Date.now() + 20_000; after === boot && Date.now() < end;)
      after = await ssh('10.77.1.10', 'systemctl show -P UserspaceTimestampMonotonic').catch(() => boot);
    expect(after).not.toBe(boot);
  }, 60_000);

  it('refuses addresses that another network has, by name', async () => {
    const other = {
      ...spec(12),
      instanceId: `i-12${suffix}`,
      vpcId: `vpc-other${suffix}`,
      vpcCidr: '10.77.1.0/24',
    };
    await expect(machines.start(other)).rejects.toThrow(`'cloudops-sandbox-vpc-${suffix}' has 10.77.0.0/16`);
  }, 30_000);

  it('is stopped as a whole, and removed without a trace', async () => {
    expect(await stopFleet(sandbox)).toBe(2);
    expect((await listFleet(sandbox)).map(({ running }) => running)).toEqual([false, false]);
    await Promise.all([machines.remove(one), machines.remove(two)]);
    await machines.remove(two);
    expect(await listFleet(sandbox)).toEqual([]);
    expect(await listNetworks(sandbox)).toHaveLength(1);
    await machines.removeNetwork(`vpc-${suffix}`);
    await machines.removeNetwork(`vpc-${suffix}`);
    expect(await listNetworks(sandbox)).toEqual([]);
  }, 60_000);
});
