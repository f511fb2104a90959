import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Connect } from '../../src/hosts/host.js';
import { knownHostsFile } from '../../src/hosts/known-hosts.js';
import { sshConnect } from '../../src/hosts/ssh.js';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import { twoMachines, type TwoMachines } from '../operations/machines.js';
import { cutProxy } from '../support/cut-proxy.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { runCli, type CliRun } from '../support/run-cli.js';

interface Result {
  readonly changed: number;
  readonly error?: { readonly code: string; readonly message: string };
}

describeWith('Docker', hasDocker())('two Linux machines that cloudops did not make, and no AWS', () => {
  const [monitoring, application] = ['10.179.0.10', '10.179.0.11'];
  let machines: TwoMachines;
  let home = '';
  let key = '';

  beforeAll(async () => {
    machines = await twoMachines(179);
    home = mkdtempSync(join(tmpdir(), 'cloudops-home-'));
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    key = join(machines.stateDir, 'id_ed25519');
  }, 300_000);
  afterAll(async () => {
    await machines.close();
    rmSync(home, { recursive: true });
  }, 60_000);

  /** `monitoring configure` with no AWS settings and no config in its reach. */
  const configure = async (
    args: readonly string[] = ['--ssh-key', key],
    { env = {}, hosts = [monitoring, application] }: { env?: Record<string, string>; hosts?: string[] } = {},
  ): Promise<CliRun & { readonly result: Result }> => {
    const words = ['monitoring', 'configure', ...hosts, '--yes', '--json', '--no-grafana', ...args];
    const run = await runCli(words, { cwd: home, env });
    return { ...run, result: JSON.parse(run.stdout) as Result };
  };
  const on = async (name: string, script: string): Promise<string> =>
    (await machines.exec(name, script)).stdout.trim();

  it('are not logged in to while nobody vouches for their host keys', async () => {
    const { code, result } = await configure(undefined, { hosts: [monitoring] });
    expect([code, result.error?.code]).toEqual([1, 'SSH_HOST_KEY_UNKNOWN']);
  }, 60_000);

  it('are configured, with the addresses that they say they have', async () => {
    const { code, result, stderr } = await configure(['--ssh-key', key, '--accept-new-host-key']);
    expect([code, stderr.includes('AWS')]).toEqual([0, false]);
    expect(result.changed).toBeGreaterThan(5);
    const config = await on('monitoring', 'cat /etc/prometheus/prometheus.yml');
    expect(config).toContain(`${monitoring}:9100`);
    expect(config).toContain(`${application}:3000`);
    expect(config).not.toContain('ec2_sd');
  }, 300_000);

  it('are reached with the key of a real agent, and have nothing to do', async () => {
    const socket = join(home, 'agent');
    const said = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
    const env = { SSH_AUTH_SOCK: socket };
    try {
      execFileSync('ssh-add', ['-q', key], { env: { ...process.env, ...env } });
      const { code, result } = await configure([], { env });
      expect([code, result.changed]).toEqual([0, 0]);
    } finally {
      process.kill(pid);
    }
  }, 60_000);

  it('are reached through one another, and at another port', async () => {
    const ports = '/etc/ssh/sshd_config.d/ports.conf';
    const both = (script: string): Promise<unknown> =>
      Promise.all([on('monitoring', script), on('application-1', script)]);
    await both(`printf 'Port 22\\nPort 2222\\n' >${ports}; systemctl restart ssh`);
    const jump = `Host ${application}\n  ProxyJump hop\nHost hop\n  HostName ${monitoring}\n  User ec2-user\n  IdentityFile ${key}\n`;
    writeFileSync(join(home, '.ssh', 'config'), jump, { mode: 0o600 });
    const args = ['--ssh-key', key, '--ssh-port', '2222', '--accept-new-host-key', '--check'];
    const { code, result } = await configure(args);
    rmSync(join(home, '.ssh', 'config'));
    expect([code, result.changed]).toEqual([0, 0]);
    const log = await on('application-1', 'journalctl -u ssh --no-pager | grep Accepted | tail -n 1');
    expect(log).toContain(`from ${monitoring} `);
    expect(await on('monitoring', 'journalctl -u ssh --no-pager')).toContain(
      'Server listening on 0.0.0.0 port 2222',
    );
    await both(`rm ${ports}; systemctl restart ssh`);
  }, 60_000);

  it('are opened by a tunnel, until Ctrl-C', async () => {
    let hear: (url: string) => void = () => undefined;
    let kill: (signal: NodeJS.Signals) => void = () => undefined;
    const opened = new Promise<string>((resolve) => (hear = resolve));
    const running = runCli(['open', 'prometheus', monitoring, '--port', '0', '--ssh-key', key], {
      cwd: home,
      onStart: (end) => (kill = end),
      onOutput: (text) => {
        const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];
        if (url !== undefined) hear(url);
      },
    });
    const url = await Promise.race([opened, running.then(({ stderr }) => stderr)]);
    expect(await (await fetch(`${url}-/ready`)).text()).toContain('Ready');
    kill('SIGINT');
    expect((await running).code).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
  }, 60_000);

  it('say what is wrong with a login', async () => {
    const wrong = join(home, 'wrong');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', wrong]);
    const refused = await configure(['--ssh-key', wrong], { hosts: [monitoring] });
    expect([refused.code, refused.result.error?.code]).toEqual([1, 'SSH_LOGIN_REFUSED']);
    expect(refused.result.error?.message).toContain(wrong);

    await on(
      'monitoring',
      'mv /etc/sudoers.d/90-cloud-init-users /root/; echo "ec2-user ALL=(ALL) ALL" >/etc/sudoers.d/x',
    );
    const asked = await configure(undefined, { hosts: [monitoring] });
    await on('monitoring', 'mv /root/90-cloud-init-users /etc/sudoers.d/; rm /etc/sudoers.d/x');
    expect([asked.code, asked.result.error?.code]).toEqual([1, 'SSH_SUDO_REFUSED']);
    expect(asked.result.error?.message).toContain('a password is required');

    const keys = '/etc/ssh/ssh_host_ed25519_key';
    await on(
      'monitoring',
      `mv ${keys} ${keys}.old; ssh-keygen -q -t ed25519 -N '' -f ${keys}; systemctl restart ssh`,
    );
    const changed = await configure(['--ssh-key', key, '--accept-new-host-key'], { hosts: [monitoring] });
    await on('monitoring', `mv ${keys}.old ${keys}; systemctl restart ssh`);
    expect([changed.code, changed.result.error?.code]).toEqual([1, 'SSH_HOST_KEY_CHANGED']);
    expect(changed.result.error?.message.match(/SHA256:[\w+/]{43}/g)).toHaveLength(2);
  }, 120_000);

  it('are refused by name when their system is unknown, before anything is touched', async () => {
    await on(
      'application-1',
      `mv /usr/bin/apt-get /root/; cp /etc/os-release /root/; printf 'ID=plan9\\nVERSION_ID=4\\n' >/etc/os-release`,
    );
    const { code, result } = await configure(undefined, { hosts: [monitoring, application] });
    await on('application-1', 'mv /root/apt-get /usr/bin/; cat /root/os-release >/etc/os-release');
    expect([code, result.error?.code]).toEqual([1, 'HOST_OS_UNKNOWN']);
    expect(result.error?.message).toContain('plan9 4');
  }, 60_000);

  it('are warned about when a clock is wrong', async () => {
    const date = `#!/bin/sh\\nexec /bin/date -d "10 minutes ago" "$@"\\n`;
    await on('application-1', `printf '${date}' >/usr/local/bin/date; chmod 755 /usr/local/bin/date`);
    const { code, result, stderr } = await configure();
    await on('application-1', 'rm /usr/local/bin/date');
    expect([code, result.changed]).toEqual([0, 0]);
    expect(stderr).toMatch(/clock of 10\.179\.0\.11 is (599|60\d) s behind/);
  }, 60_000);

  it('are waited for while their package manager is in use', async () => {
    const hold = `perl -e 'use Fcntl; open(F, "+>", "/var/lib/dpkg/lock-frontend"); $l = pack("s s x4 q q i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 20' >/dev/null 2>&1 &`;
    await on(
      'application-1',
      `dpkg --force-depends -r python3-prometheus-client >/dev/null; ${hold} sleep 0.5`,
    );
    const began = Date.now();
    const { code, stderr } = await configure();
    expect(code).toBe(0);
    expect(Date.now() - began).toBeGreaterThan(15_000);
    expect(stderr).toMatch(/waiting for the package lock, held by \d+ perl/);
  }, 120_000);

  it('keep what works when the disk is full, and are put right once it is not', async () => {
    await on(
      'application-1',
      'mount -t tmpfs -o size=4k none /opt/cloudops-app && head -c 4096 /dev/zero >/opt/cloudops-app/fill',
    );
    const full = await configure();
    const serves = await on(
      'application-1',
      "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:3000/status",
    );
    await on('application-1', 'umount /opt/cloudops-app');
    expect([full.code, full.result.error?.code]).toEqual([1, 'HOST_DISK_FULL']);
    expect(serves).toBe('200');
    const { code, result } = await configure();
    expect([code, result.changed]).toEqual([0, 0]);
  }, 120_000);

  it('come back by themselves: each service from kill -9, everything from a reboot', async () => {
    const units = {
      monitoring: ['prometheus', 'prometheus-node-exporter'],
      'application-1': ['prometheus-node-exporter', 'cloudops-app'],
    };
    for (const [name, services] of Object.entries(units)) {
      const seen = await on(
        name,
        services
          .map(
            (unit) =>
              `old=$(systemctl show -p MainPID --value ${unit}); kill -9 $old; for i in $(seq 60); do new=$(systemctl show -p MainPID --value ${unit}); [ "$new" != 0 ] && [ "$new" != "$old" ] && systemctl is-active -q ${unit} && break; sleep 0.5; done; echo "${unit} $(systemctl is-active ${unit})"`,
          )
          .join('\n'),
      );
      expect(seen.split('\n')).toEqual(services.map((unit) => `${unit} active`));
    }
    // Asked to reboot, and configured while it does.
    await Promise.all(Object.keys(units).map((name) => machines.exec(name, 'systemctl reboot')));
    const { code, result } = await configure();
    expect([code, result.changed]).toEqual([0, 0]);
    for (const [name, services] of Object.entries(units))
      expect(await on(name, `systemctl is-active ${services.join(' ')}`)).toBe(
        services.map(() => 'active').join('\n'),
      );
  }, 180_000);

  it('heal from a connection that is cut at any step', async () => {
    const proxy = await cutProxy(application, 22);
    const record = { ...machines.records[1]!, address: '127.0.0.1' };
    const unmake =
      'systemctl disable -q --now cloudops-app; rm -rf /opt/cloudops-app /etc/systemd/system/cloudops-app.service*; userdel cloudops-app 2>/dev/null; systemctl daemon-reload';
    const overSsh = sshConnect({
      user: 'ec2-user',
      port: proxy.port,
      privateKeys: [key],
      knownHosts: knownHostsFile(join(home, 'known')),
      acceptNewHostKey: true,
      readyTimeoutMs: 20_000,
    });
    const run = (connect: Connect) =>
      configureMonitoring({ ...machines.context({}), connect }, { hosts: [record], noGrafana: true });
    const codes = new Set<string>();
    let cut = true;
    let trips = 0;
    for (; cut; trips += 1) {
      await on('application-1', unmake);
      cut = false;
      let trip = -1;
      const broken = await run(async (...args) => {
        const host = await overSsh(...args);
        const exec: typeof host.exec = (script, options) => {
          trip += 1;
          if (trip === trips) {
            cut = true;
            setTimeout(() => proxy.cut(), [0, 25, 100][trips % 3]);
          }
          return host.exec(script, options);
        };
        return { ...host, exec };
      });
      for (const one of broken.report.results)
        if (one.status === 'failed') codes.add((one.error as { code?: string }).code ?? one.error.message);
      const healed = await run(overSsh);
      expect(healed.report.results.filter(({ status }) => status === 'failed')).toEqual([]);
      expect((await run(overSsh)).result.changed).toBe(0);
    }
    await proxy.close();
    expect(trips).toBeGreaterThan(3);
    expect([...codes]).toEqual(['SSH_CONNECTION_LOST']);
  }, 300_000);
});
