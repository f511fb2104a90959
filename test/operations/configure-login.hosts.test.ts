import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring, type Configured } from '../../src/operations/configure-monitoring.js';
import { lintDashboards } from '../../src/operations/lint-dashboards.js';
import { listAlerts } from '../../src/operations/list-alerts.js';
import { removeMonitoring } from '../../src/operations/remove-monitoring.js';
import { rotatePrometheusPassword } from '../../src/operations/rotate-prometheus.js';
import { verify } from '../../src/operations/verify.js';
import { grafanaMirror } from '../support/grafana-mirror.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

describeWith('Docker', hasDocker())('Prometheus behind a login, under systemd', () => {
  let machines: TwoMachines;
  let mirror: Awaited<ReturnType<typeof grafanaMirror>>;
  const on = async (script: string): Promise<string> =>
    (await machines.exec('monitoring', script)).stdout.trim();
  const context = (basicAuth: boolean) =>
    machines.context({
      monitoring: { prometheus: { basicAuth, scrapeInterval: '2s' } },
      artifacts: { mirror: mirror.url },
    });
  const run = (basicAuth = true): Promise<Configured> =>
    configureMonitoring(context(basicAuth), { hosts: machines.records, dashboards: true });
  const kept = (): string => join(machines.stateDir, 'prometheus-password');
  const password = (): string => readFileSync(kept(), 'utf8').trim();
  const status = async (secret?: string, path = '/-/ready'): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`cloudops:${secret ?? ''}`).toString('base64')}`;
    const url = `http://${machines.records[0]?.address ?? ''}:9090${path}`;
    return (await fetch(url, secret === undefined ? {} : { headers: { authorization } })).status;
  };
  const failing = async (basicAuth: boolean): Promise<readonly string[]> => {
    const patience = { forMs: 20_000, everyMs: 500 };
    const { checks } = await verify(context(basicAuth), {
      monitoring: machines.records[0]?.address,
      hosts: machines.records,
      patience,
    });
    // The stand-in for Grafana forgets its dashboards when it is restarted.
    const failed = checks.filter(({ status, id }) => status === 'fail' && id !== 'dashboards.uploaded');
    return failed.map(({ id, message }) => `${id}: ${message}`);
  };

  beforeAll(async () => {
    machines = await twoMachines(211);
    mirror = await grafanaMirror('10.211.0.1');
  }, 300_000);
  afterAll(async () => {
    await mirror.close();
    await machines.close();
  }, 60_000);

  it('asks everybody for the login, and is asked with it by Grafana, itself and verify', async () => {
    // Without first: a running Prometheus is to be told to ask.
    expect(broken(await run(false))).toEqual([]);
    expect(await status()).toBe(200);
    expect(broken(await run())).toEqual([]);
    expect([await status(), await status('wrong'), await status(password())]).toEqual([401, 401, 200]);
    expect(await status(undefined, '/metrics')).toBe(401);
    expect(await failing(true)).toEqual([]);
    const { checks } = await verify(context(true), {
      monitoring: machines.records[0]?.address,
      hosts: machines.records,
    });
    const passed = checks
      .filter((check) => check.status === 'pass')
      .map(({ id, target }) => `${id} ${target}`);
    expect(passed).toEqual(
      expect.arrayContaining([
        'prometheus.login monitoring',
        'prometheus.targets prometheus/monitoring',
        'grafana.datasource monitoring',
      ]),
    );
  }, 300_000);

  it('has nothing to do the second time: one round trip', async () => {
    machines.trips.length = 0;
    const { result } = await configureMonitoring(context(true), { hosts: machines.records });
    expect(result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    expect(machines.trips.filter((name) => name === 'monitoring')).toHaveLength(1);
  }, 60_000);

  it('keeps the password in files of its own, out of sight of everybody', async () => {
    expect(password()).toMatch(/^[\w-]{32}$/);
    expect(statSync(kept()).mode & 0o777).toBe(0o600);
    const files =
      '/etc/prometheus/cloudops-password /etc/prometheus/web.yml /etc/grafana/prometheus-password';
    expect((await on(`stat -c '%a %U' ${files}`)).split('\n')).toEqual([
      '600 prometheus',
      '600 prometheus',
      '600 grafana',
    ]);
    expect(await on('cat /etc/prometheus/cloudops-password')).toBe(password());
    // What asks with the password does so while we look.
    await on(
      'for i in 1 2 3 4 5 6 7 8 9; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" " " >>/tmp/seen; sleep 0.3; done & ' +
        'sleep 0.2; true',
    );
    const [{ result }] = await Promise.all([
      configureMonitoring(context(true), { hosts: machines.records, diff: true, check: true }),
      listAlerts(context(true), { monitoring: machines.records[0]?.address }),
      lintDashboards(context(true), { files: [], monitoring: machines.records[0]?.address }),
    ]);
    expect(JSON.stringify([result, machines.events])).not.toContain(password());
    const seen = await on(
      'sleep 2; journalctl --no-pager; cat /tmp/seen /etc/prometheus/prometheus.yml /etc/grafana/provisioning/datasources/*',
    );
    expect(seen).toContain('password_file: /etc/prometheus/cloudops-password');
    expect(seen).toContain('--web.config.file=/etc/prometheus/web.yml');
    expect(seen).not.toContain(password());
  }, 90_000);

  it('tells its password to an operator who lost it, and is verified from the host until then', async () => {
    const before = password();
    rmSync(kept());
    expect(await failing(true)).toEqual([]);
    const { result } = await run();
    expect(result.changed).toBe(0);
    expect(password()).toBe(before);
  }, 90_000);

  it('gets a new password that takes effect at once, for Grafana too, and that configure keeps', async () => {
    const before = password();
    await rotatePrometheusPassword(context(true), { hosts: machines.records });
    expect(password()).not.toBe(before);
    expect([await status(before), await status(password())]).toEqual([401, 200]);
    expect(await failing(true)).toEqual([]);
    const { result } = await configureMonitoring(context(true), { hosts: machines.records });
    expect(result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    expect(JSON.stringify(machines.events)).not.toContain(password());
  }, 120_000);

  it('heals a rotation that was cut off before Grafana and this machine had the new password', async () => {
    const before = password();
    const grafana = await on('cat /etc/grafana/prometheus-password');
    await rotatePrometheusPassword(context(true), { hosts: machines.records });
    const next = password();
    await on(`printf %s '${grafana}' >/etc/grafana/prometheus-password; systemctl restart grafana-server`);
    rmSync(kept());
    const { result } = await run();
    expect(result.hosts.flatMap(({ changed }) => changed.map(({ step }) => step))).toEqual([
      'file /etc/grafana/prometheus-password',
      'service grafana-server',
    ]);
    expect([next === before, password()]).toEqual([false, next]);
    expect(await failing(true)).toEqual([]);
  }, 120_000);

  it('is open again when that is asked for, with nothing left behind; and goes with everything else', async () => {
    expect(broken(await run(false))).toEqual([]);
    expect(await status()).toBe(200);
    const left =
      'ls /etc/prometheus/cloudops-password /etc/prometheus/web.yml /etc/grafana/prometheus-password 2>/dev/null';
    expect(await on(left)).toBe('');
    expect(await on('cat /etc/grafana/provisioning/datasources/*.yaml')).not.toContain('basicAuth');
    expect(await failing(false)).toEqual([]);
    expect((await run(false)).result.changed).toBe(0);
    expect(broken(await run())).toEqual([]);
    expect(await status()).toBe(401);
    const { report } = await removeMonitoring(context(true), { hosts: machines.records, purge: false });
    expect(report.ok).toBe(true);
    expect(await on(left)).toBe('');
  }, 240_000);
});
