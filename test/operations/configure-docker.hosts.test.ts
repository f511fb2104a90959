import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  configureMonitoring,
  type ConfigureOptions,
  type Configured,
} from '../../src/operations/configure-monitoring.js';
import { rotatePrometheusPassword } from '../../src/operations/rotate-prometheus.js';
import { verify } from '../../src/operations/verify.js';
import { releaseArchive, savedImage, writeBundle } from '../support/artifacts.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

describeWith('Docker', hasDocker())('the docker runtime on a real host, from a bundle', () => {
  let machines: TwoMachines;
  const bundle = (): string => join(machines.stateDir, 'bundle');
  const options = (): ConfigureOptions => ({ hosts: machines.records, runtime: 'docker', bundle: bundle() });
  const on = async (script: string): Promise<string> =>
    (await machines.exec('monitoring', script)).stdout.trim();
  const run = (config: object = {}, more: Partial<ConfigureOptions> = {}): Promise<Configured> =>
    configureMonitoring(machines.context(config), { ...options(), ...more });

  beforeAll(async () => {
    machines = await twoMachines(179, 'monitoring');
    const images = [
      ['prometheus', '3.13.5', 'prom/prometheus:v3.13.5'],
      ['grafana', '12.4.11', 'grafana/grafana:12.4.11'],
    ] as const;
    writeBundle(bundle(), [
      ...images.map(([name, version, reference]) => ({
        artifact: { kind: 'image' as const, name, version, reference, file: `${name}-image.tar` },
        bytes: savedImage(name, reference),
      })),
      {
        artifact: { kind: 'archive', name: 'nodeExporter', version: '1.12.1', file: 'node_exporter.tar.gz' },
        bytes: releaseArchive('nodeExporter', '1.12.1').bytes,
      },
    ]);
  }, 300_000);
  afterAll(async () => machines.close(), 60_000);

  it('runs Prometheus and Grafana as hardened containers that serve', async () => {
    const configured = await run({}, { dashboards: true });
    expect(broken(configured)).toEqual([]);
    expect(configured.result.dashboards?.ok).toBe(true);
    const { address = '' } = machines.records[0] ?? {};
    expect((await fetch(`http://${address}:9090/-/ready`)).status).toBe(200);
    expect((await fetch(`http://${address}:3001/api/health`)).status).toBe(200);
    const format =
      '{{.Name}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.RestartPolicy.Name}} {{.Config.User}} {{index .HostConfig.LogConfig.Config "max-size"}} {{gt .HostConfig.Memory 0}}';
    expect((await on(`docker inspect --format '${format}' grafana prometheus`)).split('\n')).toEqual([
      '/grafana true [ALL] [no-new-privileges] unless-stopped 472:0 10m true',
      '/prometheus true [ALL] [no-new-privileges] unless-stopped 65534:65534 10m true',
    ]);
    expect(await on('cat /opt/cloudops/compose.yaml')).toContain('image: prom/prometheus:v3.13.5');
  }, 300_000);

  it('has nothing to do the second time: one question and one look', async () => {
    machines.trips.length = 0;
    const { result } = await run();
    expect(result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    expect(machines.trips.filter((name) => name === 'monitoring')).toHaveLength(2);
    process.stderr.write(`docker, second run: ${String(result.durationMs)} ms\n`);
  }, 60_000);

  it('reloads a changed rule without a new container, and heals a change that was not loaded', async () => {
    const id = "docker inspect --format '{{.Id}} {{.State.StartedAt}}' prometheus";
    const before = await on(id);
    const first = await run({ alerts: { highCpuUsage: { above: 70 } } });
    expect(broken(first)).toEqual([]);
    expect(first.result.hosts.flatMap(({ changed }) => changed.map(({ step }) => step))).toEqual([
      'files prometheus config',
    ]);
    expect(await on('curl -s http://127.0.0.1:9090/api/v1/rules')).toContain('[2m]))) \\u003e 70');
    // As if we had been cut off between the rename and the reload.
    await on('touch /etc/prometheus/alert-rules.yml');
    const healed = await run({ alerts: { highCpuUsage: { above: 70 } } });
    expect(healed.result.hosts.flatMap(({ changed }) => changed)).toEqual([
      { step: 'container prometheus', detail: 'has not loaded the present /etc/prometheus/alert-rules.yml' },
    ]);
    expect(await on(id)).toBe(before);
    expect((await run()).report.ok).toBe(true);
  }, 90_000);

  it('checks with the promtool of the image, and keeps the old configuration when that refuses', async () => {
    const record = { ...machines.records[1]!, privateAddress: 'not an address/with a path' };
    const refused = await run({}, { hosts: [machines.records[0]!, record] });
    expect(broken(refused)).toEqual([expect.stringMatching(/^monitoring prometheus: .*not accepted/s)]);
    expect(await on('cat /etc/prometheus/prometheus.yml; ls -A /etc/prometheus')).not.toMatch(
      /with a path|\.cloudops/,
    );
  }, 60_000);

  it('makes a new container for a new flag, and starts the old one again when that does not serve', async () => {
    // Something foreign holds the new port.
    await on('systemd-run --quiet --unit squatter python3 -m http.server 9095');
    const started = "docker inspect --format '{{.State.StartedAt}}' prometheus";
    const before = await on(started);
    const taken = await run({ monitoring: { prometheus: { port: 9095 } } });
    expect(broken(taken)).toEqual([expect.stringMatching(/Port 9095 .* python3 .*squatter\.service/)]);
    expect(await on(started)).toBe(before);
    // Where nobody can see it beforehand.
    await on("printf '#!/bin/sh\\n' >/usr/local/bin/ss; chmod 755 /usr/local/bin/ss");
    const failed = await run({ monitoring: { prometheus: { port: 9095 } } });
    await on('rm /usr/local/bin/ss');
    expect(broken(failed)).toEqual([
      expect.stringMatching(/^monitoring prometheus: .*of before runs again/s),
    ]);
    expect(await on('curl -s http://127.0.0.1:9090/-/ready')).toMatch(/Ready/);
    await on('systemctl stop squatter');
    const moved = await run({ monitoring: { prometheus: { port: 9095 } } });
    expect(broken(moved)).toEqual([]);
    expect(
      await on('curl -s http://127.0.0.1:9095/-/ready; docker ps -a --format "{{.Names}}" | sort'),
    ).toMatch(/Ready.*\ngrafana\nprometheus$/s);
    expect(broken(await run())).toEqual([]);
  }, 120_000);

  it('comes back after kill -9', async () => {
    await on('kill -9 $(docker inspect --format "{{.State.Pid}}" prometheus); sleep 3');
    expect(
      await on('curl -s --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:9090/-/ready'),
    ).toMatch(/Ready/);
    expect((await run()).result.changed).toBe(0);
  }, 60_000);

  it('asks for a login when told to, restarts Grafana for a new one, and is open again afterwards', async () => {
    const login = { monitoring: { prometheus: { basicAuth: true } } };
    expect(broken(await run(login))).toEqual([]);
    const status = async (password?: string): Promise<number> => {
      const headers = { authorization: `Basic ${Buffer.from(`cloudops:${password}`).toString('base64')}` };
      const url = `http://${machines.records[0]?.address ?? ''}:9090/-/ready`;
      return (await fetch(url, password === undefined ? {} : { headers })).status;
    };
    const kept = (): string => readFileSync(join(machines.stateDir, 'prometheus-password'), 'utf8').trim();
    expect([await status(), await status(kept())]).toEqual([401, 200]);
    const files =
      '/etc/prometheus/cloudops-password /etc/prometheus/web.yml /etc/grafana/prometheus-password';
    expect(await on(`stat -c '%a %u' ${files} | tr '\n' ' '`)).toBe('600 65534 600 65534 600 472');
    machines.trips.length = 0;
    expect((await run(login)).result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    expect(machines.trips.filter((name) => name === 'monitoring')).toHaveLength(1);
    const before = kept();
    await rotatePrometheusPassword(machines.context(login), { hosts: machines.records });
    expect([await status(before), await status(kept())]).toEqual([401, 200]);
    expect((await run(login)).result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    const started = "docker inspect --format '{{.State.StartedAt}}' grafana";
    const at = await on(started);
    await on('touch /etc/grafana/prometheus-password');
    expect((await run(login)).result.hosts.flatMap(({ changed }) => changed)).toEqual([
      { step: 'container grafana', detail: 'runs with an older /etc/grafana/prometheus-password' },
    ]);
    expect(await on(started)).not.toBe(at);
    const patience = { forMs: 40_000, everyMs: 500 };
    const { checks } = await verify(machines.context(login), {
      monitoring: machines.records[0]?.address,
      hosts: machines.records,
      patience,
    });
    const failed = checks.filter(({ status, id }) => status === 'fail' && id !== 'dashboards.uploaded');
    expect(failed.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    expect(await on('docker inspect grafana prometheus; docker logs grafana 2>&1')).not.toContain(kept());
    expect(broken(await run())).toEqual([]);
    expect([await status(), await on(`ls ${files} 2>/dev/null`)]).toEqual([200, '']);
    expect((await run()).result.changed).toBe(0);
  }, 240_000);

  it('keeps the admin password out of sight', async () => {
    const password = await on('cat /etc/grafana/admin-password');
    expect(password).toHaveLength(32);
    const shown = await on(
      'docker inspect grafana prometheus; docker logs grafana 2>&1; journalctl --no-pager; cat /opt/cloudops/compose.yaml /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" " "',
    );
    expect(shown).not.toContain(password);
  }, 60_000);
});
