import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Aws } from '../../src/infra/resource.js';
import { readSecrets } from '../../src/infra/secret-parameters.js';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import { removeMonitoring } from '../../src/operations/remove-monitoring.js';
import { rotatePassword } from '../../src/operations/rotate-password.js';
import { startEmulator } from '../support/emulator.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { standInGrafana } from '../support/stand-in-grafana.js';
import { twoMachines, type TwoMachines } from './machines.js';

const name = 'grafana-12.4.11.linux-amd64.tar.gz';

/** The archive and its checksum page as the publisher has had it since 12.4.3: the file named is the build's. */
function grafanaArchive(): { archive: Buffer; sums: string } {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-grafana-'));
  mkdirSync(join(directory, 'grafana-12.4.11/bin'), { recursive: true });
  writeFileSync(join(directory, 'grafana-12.4.11/bin/grafana'), standInGrafana, { mode: 0o755 });
  execFileSync('tar', ['-czf', join(directory, name), '-C', directory, 'grafana-12.4.11']);
  const archive = readFileSync(join(directory, name));
  rmSync(directory, { recursive: true });
  const sum = createHash('sha256').update(archive).digest('hex');
  return { archive, sums: `${sum}  dist/grafana_12.4.11_24388279614_linux_amd64.tar.gz` };
}

describeWith('Docker', hasDocker())('Grafana on a real host', () => {
  let machines: TwoMachines;
  let mirror: Server;
  let sums = '';
  const url = (): string => `http://10.178.0.1:${String((mirror.address() as AddressInfo).port)}/files`;
  const monitoring = () => ({ hosts: [machines.records[0]!] });
  const local = (): string => join(machines.stateDir, 'grafana-admin-password');

  beforeAll(async () => {
    machines = await twoMachines(178);
    const made = grafanaArchive();
    sums = made.sums;
    mirror = createServer((request, response) => {
      if (request.url === `/files/${name}`) response.end(made.archive);
      else if (request.url === `/files/${name}.sha256`) response.end(sums);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => mirror.listen(0, '10.178.0.1', resolve));
  }, 300_000);
  afterAll(async () => {
    mirror.close();
    await machines.close();
  }, 60_000);

  it('is an error on AWS where its release cannot be had; the rest is done', async () => {
    const context = machines.context({ artifacts: { mirror: 'http://10.178.0.1:9/files' } }, false);
    const { result, report } = await configureMonitoring(context, monitoring());
    const failed = report.results.flatMap((one) => (one.status === 'failed' ? [one] : []));
    expect(failed.map(({ id }) => id)).toEqual(['monitoring grafana']);
    expect(failed[0]?.error).toMatchObject({ code: 'GRAFANA_UNAVAILABLE' });
    expect(result.hosts.map(({ role }) => role)).toEqual(['packages', 'node-exporter', 'prometheus']);
  }, 200_000);

  it('is not installed when the checksum is wrong', async () => {
    const right = sums;
    sums = `${'0'.repeat(64)}  ${name}`;
    const { report } = await configureMonitoring(
      machines.context({ artifacts: { mirror: url() } }),
      monitoring(),
    );
    sums = right;
    expect(report.results.find(({ id }) => id === 'monitoring grafana')).toMatchObject({
      error: { code: 'ARCHIVE_CHECKSUM_WRONG' },
    });
    expect((await machines.exec('monitoring', 'ls /opt/cloudops')).stdout).not.toContain('grafana');
  }, 60_000);

  it('comes from the mirror, serves, and keeps its password to itself', async () => {
    const context = machines.context({ artifacts: { mirror: url() } });
    const { report } = await configureMonitoring(context, monitoring());
    expect(report.results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect((await fetch(`http://${machines.records[0]!.address!}:3001/api/health`)).status).toBe(200);

    const password = readFileSync(local(), 'utf8').trim();
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(statSync(local()).mode & 0o777).toBe(0o600);
    const there = await machines.exec(
      'monitoring',
      "cat /etc/grafana/admin-password; echo; stat -c '%a %U' /etc/grafana/admin-password /etc/grafana/secret-key",
    );
    expect(there.stdout.trim().split('\n')).toEqual([password, '600 grafana', '600 grafana']);
    const shown = await machines.exec(
      'monitoring',
      'systemctl show grafana-server; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" " "; journalctl --no-pager; cat /etc/grafana/grafana.ini',
    );
    expect(shown.stdout).not.toContain(password);
    expect(JSON.stringify(machines.events)).not.toContain(password);
  }, 120_000);

  it('is left alone by the next run, and its password comes back to an operator who lost it', async () => {
    const password = readFileSync(local(), 'utf8');
    rmSync(local());
    const { result } = await configureMonitoring(
      machines.context({ artifacts: { mirror: url() } }),
      monitoring(),
    );
    expect(result.changed).toBe(0);
    expect(readFileSync(local(), 'utf8')).toBe(password);
  }, 60_000);

  it('uploads the shipped dashboards at the end over the same connection, once', async () => {
    const context = machines.context({ artifacts: { mirror: url() } });
    const first = await configureMonitoring(context, { ...monitoring(), dashboards: true });
    expect(first.report.ok).toBe(true);
    const created = first.result.dashboards?.dashboards ?? [];
    expect(created.map(({ uid }) => uid)).toEqual(
      expect.arrayContaining(['cloudops-system-overview', 'cloudops-prometheus-monitoring']),
    );
    expect(new Set(created.map(({ action }) => action))).toEqual(new Set(['created']));
    const second = await configureMonitoring(context, { ...monitoring(), dashboards: true });
    const again = second.result.dashboards?.dashboards ?? [];
    expect(again.map(({ action }) => action)).toEqual(created.map(() => 'unchanged'));
    const without = await configureMonitoring(context, monitoring());
    expect(without.result.dashboards).toBeUndefined();
  }, 60_000);

  it('gets a new password that takes effect at once and that configure keeps', async () => {
    const context = machines.context({ artifacts: { mirror: url() } });
    const old = readFileSync(local(), 'utf8').trim();
    const { resumed } = await rotatePassword(context, monitoring());
    const next = readFileSync(local(), 'utf8').trim();
    expect([resumed, next === old, next.length]).toEqual([false, false, 32]);
    const login = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
      const api = `http://${machines.records[0]!.address!}:3001/api/org`;
      return (await fetch(api, { headers: { authorization } })).status;
    };
    expect([await login(next), await login(old)]).toEqual([200, 401]);
    const files =
      'cat /etc/grafana/admin-password; echo; ls /etc/grafana | grep next; stat -c "%a %U" /etc/grafana/admin-password';
    expect((await machines.exec('monitoring', files)).stdout).toBe(`${next}\n600 grafana\n`);
    const { result } = await configureMonitoring(context, monitoring());
    expect(result.changed).toBe(0);
    expect(JSON.stringify(machines.events)).not.toContain(next);
  }, 60_000);

  it('keeps the password of a rotation that was cut off after Grafana took it', async () => {
    const context = machines.context({ artifacts: { mirror: url() } });
    const taken = readFileSync(local(), 'utf8').trim();
    await machines.exec(
      'monitoring',
      'mv /etc/grafana/admin-password /etc/grafana/admin-password.next; echo stale >/etc/grafana/admin-password',
    );
    expect(await rotatePassword(context, monitoring())).toMatchObject({ resumed: true });
    expect(readFileSync(local(), 'utf8').trim()).toBe(taken);
    expect((await machines.exec('monitoring', 'cat /etc/grafana/admin-password')).stdout).toBe(taken);
  }, 60_000);

  it('shares its password through SSM; a rotation that was cut off before that is healed by the next run', async () => {
    let refuse = false;
    const denied = { kind: 'error', code: 'AccessDeniedException', message: 'no', status: 400 } as const;
    const emulator = await startEmulator({
      fault: ({ action }) => (refuse && action === 'PutParameter' ? denied : undefined),
    });
    const aws = (): Promise<Aws> => Promise.resolve(emulator.aws());
    const context = { ...machines.context({ artifacts: { mirror: url() }, secrets: 'ssm' }), aws };
    const onHost = async (): Promise<string> =>
      (await machines.exec('monitoring', 'cat /etc/grafana/admin-password')).stdout.trim();
    const shared = async (): Promise<string | undefined> =>
      (await readSecrets(emulator.aws(), ['grafana-admin-password'])).get('grafana-admin-password')?.reveal();

    expect((await configureMonitoring(context, monitoring())).result.changed).toBe(0);
    expect(await shared()).toBe(await onHost());
    const first = await onHost();
    await rotatePassword(context, monitoring());
    expect(await onHost()).not.toBe(first);
    expect(await shared()).toBe(await onHost());

    refuse = true;
    await expect(rotatePassword(context, monitoring())).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await shared()).not.toBe(await onHost());
    refuse = false;
    const colleague = { ...context, stateDir: join(machines.stateDir, 'colleague') };
    expect((await configureMonitoring(colleague, monitoring())).report.ok).toBe(true);
    expect(await shared()).toBe(await onHost());
    expect(readFileSync(join(colleague.stateDir, 'grafana-admin-password'), 'utf8').trim()).toBe(
      await onHost(),
    );
    await emulator.close();
  }, 90_000);

  it('is removed with everything else, data kept; then with the data', async () => {
    const context = machines.context();
    const { result, report } = await removeMonitoring(context, { ...monitoring(), purge: false });
    expect(report.ok).toBe(true);
    expect(result.hosts[0]?.removed).toEqual(
      expect.arrayContaining(['service grafana-server', 'service prometheus', '/opt/cloudops']),
    );
    const listening = 'ss -Htln | grep -cE ":(9090|9100|3001) "';
    expect((await machines.exec('monitoring', listening)).stdout.trim()).toBe('0');
    expect(
      (await machines.exec('monitoring', 'ls /var/lib/prometheus/data /var/lib/grafana/password')).code,
    ).toBe(0);
    const again = await removeMonitoring(context, { ...monitoring(), purge: false });
    expect(again.result.hosts[0]?.removed).toEqual([]);
    await removeMonitoring(context, { ...monitoring(), purge: true });
    const left = await machines.exec(
      'monitoring',
      'ls -d /var/lib/prometheus/data /var/lib/grafana /etc/grafana 2>/dev/null',
    );
    expect(left.stdout).toBe('');
  }, 60_000);

  it('comes back by configure after a removal', async () => {
    const { report } = await configureMonitoring(
      machines.context({ artifacts: { mirror: url() } }),
      monitoring(),
    );
    expect(report.results.filter(({ status }) => status !== 'done')).toEqual([]);
  }, 120_000);
});
