import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
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
    expect(first.result.dashboards?.dashboards.map(({ uid, action }) => `${uid ?? ''} ${action}`)).toEqual([
      'cloudops-system-overview created',
      'cloudops-prometheus-monitoring created',
    ]);
    const second = await configureMonitoring(context, { ...monitoring(), dashboards: true });
    expect(second.result.dashboards?.dashboards.map(({ action }) => action)).toEqual([
      'unchanged',
      'unchanged',
    ]);
    const without = await configureMonitoring(context, monitoring());
    expect(without.result.dashboards).toBeUndefined();
  }, 60_000);
});
