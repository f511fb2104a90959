import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring, type Configured } from '../../src/operations/configure-monitoring.js';
import { removeMonitoring } from '../../src/operations/remove-monitoring.js';
import { alertmanagerTemplates, releaseArchive, savedImage, writeBundle } from '../support/artifacts.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { linesOfKey, sampleProcesses, secretSearch, type ProcessSampler } from '../support/secret-search.js';
import { expectSoon } from '../support/soon.js';
import { shears } from '../support/severed-host.js';
import { cableTo } from './cable.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

const versions = { nodeExporter: '1.12.1', prometheus: '3.13.5', alertmanager: '0.34.0', grafana: '12.4.11' };
const images = { prometheus: 'prom/prometheus:v3.13.5', grafana: 'grafana/grafana:12.4.11' };

describeWith('Docker', hasDocker())('the life of a stack, from one runtime to the other and back', () => {
  const services = {
    monitoring: ['prometheus-node-exporter', 'prometheus-alertmanager', 'prometheus', 'grafana-server'],
    'application-1': ['prometheus-node-exporter', 'cloudops-app'],
  };
  const hook = 'http://127.0.0.1:1/hook-4721-secret';
  let machines: TwoMachines;
  let sampler: ProcessSampler;
  let since = 0;
  const file = (name: string): string => join(machines.stateDir, name);
  const on = async (name: string, script: string): Promise<string> =>
    (await machines.exec(name, script)).stdout.trim();
  const run = (
    runtime: 'docker' | 'native',
    hosts = machines.records,
    connect = machines.context().connect,
  ): Promise<Configured> => {
    const config = {
      alerting: { receivers: [{ type: 'webhook', urlFile: file('hook') }] },
      monitoring: { prometheus: { scrapeInterval: '5s', basicAuth: true } },
    };
    const context = { ...machines.context(config), connect };
    return configureMonitoring(context, { hosts, runtime, bundle: file('bundle') });
  };
  const kept = (name: string): string => readFileSync(file(name), 'utf8').trim();
  const ask = async <T>(path: string): Promise<T> => {
    const login = Buffer.from(`cloudops:${kept('prometheus-password')}`).toString('base64');
    const headers = { authorization: `Basic ${login}` };
    return ((await (await fetch(`http://10.233.0.10:9090${path}`, { headers })).json()) as { data: T }).data;
  };
  /** What Prometheus has of the very first minute. */
  const oldSamples = async (): Promise<number> => {
    const query = `query=count_over_time(up{job="node"}[10s])&time=${String(since)}`;
    return (await ask<{ result: unknown[] }>(`/api/v1/query?${query}`)).result.length;
  };
  const expectServing = (): Promise<void> =>
    expectSoon(async () => {
      type Targets = { activeTargets: { health: string }[] };
      const { activeTargets } = await ask<Targets>('/api/v1/targets');
      expect(activeTargets.map(({ health }) => health)).toEqual(Array(4).fill('up'));
      expect((await fetch('http://10.233.0.10:3001/api/health')).status).toBe(200);
    });

  beforeAll(async () => {
    machines = await twoMachines(233, 'monitoring');
    sampler = sampleProcesses(file('samples'));
    await on('monitoring', alertmanagerTemplates());
    writeFileSync(file('hook'), `${hook}\n`);
    writeBundle(file('bundle'), [
      ...(['nodeExporter', 'prometheus', 'alertmanager', 'grafana'] as const).map((name) => {
        const { name: path, bytes } = releaseArchive(name, versions[name]);
        return { artifact: { kind: 'archive' as const, name, version: versions[name], file: path }, bytes };
      }),
      ...(['prometheus', 'grafana'] as const).map((name) => ({
        artifact: {
          kind: 'image' as const,
          name,
          version: versions[name],
          reference: images[name],
          file: name,
        },
        bytes: savedImage(name, images[name]),
      })),
    ]);
  }, 300_000);
  afterAll(async () => {
    sampler.stop();
    await machines.close();
  }, 60_000);

  it('touches nothing with a bundle that is damaged, and says what a host without package sources must have', async () => {
    const whole = readFileSync(file('bundle/grafana'));
    writeFileSync(file('bundle/grafana'), whole.subarray(0, -1));
    await expect(run('docker')).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    writeFileSync(file('bundle/grafana'), whole);
    expect(machines.trips).toEqual([]);
    await on(
      'application-1',
      'mv /etc/apt/sources.list.d /etc/apt/sources.list /root 2>/dev/null; apt-get clean',
    );
    const failed = await run('native', [machines.records[1]!]);
    await on('application-1', 'mv /root/sources.list* /etc/apt/; rm -rf /var/lib/apt/lists/*');
    expect(broken(failed)[0]).toMatch(/^application-1 packages: /);
    const told = failed.report.results.flatMap((one) =>
      one.status === 'failed' ? [(one.error as { fix?: readonly string[] }).fix?.join('\n')] : [],
    );
    expect(told).toEqual([
      expect.stringMatching(/image .*: curl gunicorn python3-flask python3-prometheus-client/),
    ]);
    expect(await on('application-1', 'ls -d /opt/cloudops* 2>/dev/null')).toBe('');
  }, 120_000);

  it('names who has a port, and leaves that process and what runs beside it alone', async () => {
    const squat = (port: number): string =>
      `systemd-run --quiet --unit squatter python3 -m http.server ${String(port)}`;
    await Promise.all([on('monitoring', squat(9090)), on('application-1', squat(3000))]);
    const failed = await run('native');
    expect([...broken(failed)].sort()).toEqual([
      expect.stringMatching(
        /^application-1 application: Port 3000 .* python3 \(process \d+, squatter\.service\)/,
      ),
      expect.stringMatching(
        /^monitoring prometheus: Port 9090 .* python3 \(process \d+, squatter\.service\)/,
      ),
    ]);
    for (const address of ['10.233.0.10:9090', '10.233.0.11:3000'])
      expect((await fetch(`http://${address}/`)).headers.get('server')).toMatch(/SimpleHTTP/);
    expect((await fetch('http://10.233.0.10:3001/api/health')).status).toBe(200);
    for (const name of Object.keys(services)) await on(name, 'systemctl stop squatter');
  }, 300_000);

  it('runs natively, and each service comes back from kill -9', async () => {
    expect(broken(await run('native'))).toEqual([]);
    await expectServing();
    since = Date.now() / 1000;
    for (const [name, units] of Object.entries(services)) {
      const kill = units.map((unit) => `systemctl kill -s KILL ${unit}`).join('; ');
      const back = `for i in $(seq 40); do [ "$(systemctl is-active ${units.join(' ')} | sort -u)" = active ] && break; sleep 0.5; done`;
      expect(
        await on(name, `${kill}; sleep 1; ${back}; systemctl is-active ${units.join(' ')} | sort -u`),
      ).toBe('active');
    }
    await expectServing();
    const again = await run('native');
    expect([broken(again), again.result.changed]).toEqual([[], 0]);
  }, 200_000);

  it('moves into containers with its data, however often it is cut off; exporters and Alertmanager stay', async () => {
    const cable = await cableTo(machines);
    const severed = new Map<string, number>();
    const seen = new Set<string>();
    let runs = 0;
    for (let cut = true; cut; runs += 1) {
      expect(runs).toBeLessThan(40);
      const tools = shears(cable.connect, (name) => cable.cut(name), severed);
      const { report } = await run('docker', machines.records, tools.connect);
      cut = tools.cut;
      for (const one of report.results)
        if (one.status === 'failed') seen.add((one.error as { code?: string }).code ?? one.error.message);
    }
    await cable.close();
    process.stderr.write(`${String(severed.size)} scripts cut in ${String(runs)} runs\n`);
    expect([...seen]).toEqual(['SSH_CONNECTION_LOST']);
    expect(broken(await run('docker'))).toEqual([]);
    expect(await on('monitoring', 'docker ps -a --format "{{.Names}}" | sort')).toBe('grafana\nprometheus');
    await on(
      'monitoring',
      `docker run -d --name foreign --restart always --entrypoint /bin/prometheus ${images.prometheus} --version`,
    );
    await expectServing();
    expect(await oldSamples()).toBe(2);
    const units = services.monitoring.map((unit) => `${unit}.service`).join(' ');
    expect(await on('monitoring', `systemctl is-active ${units}`)).toBe('active\nactive\ninactive\ninactive');
    const again = await run('docker');
    expect([broken(again), again.result.changed]).toEqual([[], 0]);
  }, 200_000);

  it('brings the old configuration back when Prometheus does not take the new one', async () => {
    // A promtool that accepts everything, over rules that Prometheus refuses.
    const shim = '/usr/local/bin/docker';
    await on(
      'monitoring',
      `printf '#!/bin/sh\\ncase "$*" in *bin/promtool*) exit 0;; esac\\nexec /usr/bin/docker "$@"\\n' >${shim}; chmod 755 ${shim}`,
    );
    const before = await on(
      'monitoring',
      'sha256sum /etc/prometheus/*; docker inspect -f "{{.State.StartedAt}}" prometheus',
    );
    const record = { ...machines.records[1]!, privateAddress: 'not an address/with a path' };
    const refused = await run('docker', [machines.records[0]!, record]);
    await on('monitoring', `rm ${shim}`);
    expect(broken(refused)).toEqual([
      expect.stringMatching(/^monitoring prometheus: .*the old one is back/s),
    ]);
    expect(
      await on(
        'monitoring',
        'sha256sum /etc/prometheus/*; docker inspect -f "{{.State.StartedAt}}" prometheus',
      ),
    ).toBe(before);
    expect((await run('docker')).result.changed).toBe(0);
    await expectServing();
  }, 120_000);

  it('comes back by itself from a kill -9 of each container, a restart of Docker and one of the host', async () => {
    const pids = "docker inspect -f '{{.State.Pid}}' prometheus grafana";
    const before = await on('monitoring', pids);
    await on('monitoring', `kill -9 ${before.replaceAll('\n', ' ')}`);
    await expectServing();
    await on('monitoring', 'systemctl restart docker');
    await expectServing();
    await Promise.all(Object.keys(services).map((name) => machines.reboot(name)));
    await expectServing();
    expect(await on('monitoring', pids)).not.toBe(before);
    const again = await run('docker');
    expect([broken(again), again.result.changed]).toEqual([[], 0]);
    expect(await oldSamples()).toBe(2);
  }, 120_000);

  it('shows no secret in processes, environments, logs, files or what Docker tells', async () => {
    const secrets = [
      kept('grafana-admin-password'),
      kept('prometheus-password'),
      hook,
      ...linesOfKey(readFileSync(file('id_ed25519'), 'utf8')),
    ];
    const seen = sampler.read();
    // Of the run: what ran for a moment only, and in containers.
    for (const word of ['apt-get', '/bin/prometheus', '--packaging=docker']) expect(seen).toContain(word);
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    expect((await on('monitoring', secretSearch(secrets))).split('\n')).toEqual([
      '600 prometheus /etc/alertmanager/alertmanager.yml',
      '600 UNKNOWN /etc/grafana/admin-password',
      '600 UNKNOWN /etc/grafana/prometheus-password',
      '600 nobody /etc/prometheus/cloudops-password',
      // What Grafana keeps itself; the real one keeps a hash.
      '640 UNKNOWN /var/lib/grafana/password',
    ]);
    expect(await on('application-1', secretSearch(secrets))).toBe('');
    expect(secrets.filter((secret) => JSON.stringify(machines.events).includes(secret))).toEqual([]);
  }, 120_000);

  it('moves back out of containers, with all its data, and leaves a container of another hand', async () => {
    expect(broken(await run('native'))).toEqual([]);
    await expectServing();
    expect(await oldSamples()).toBe(2);
    expect(await on('monitoring', 'docker ps -a --format "{{.Names}}"')).toBe('foreign');
    const again = await run('native');
    expect([broken(again), again.result.changed]).toEqual([[], 0]);
  }, 120_000);

  it('is removed from containers, data kept; what stands there of others stays', async () => {
    expect(broken(await run('docker'))).toEqual([]);
    const hosts = machines.records;
    const removed = await removeMonitoring(machines.context(), { hosts, purge: false });
    expect(broken(removed)).toEqual([]);
    expect(removed.result.hosts[0]?.removed).toEqual(
      expect.arrayContaining([
        'container prometheus',
        'container grafana',
        'service prometheus-alertmanager',
      ]),
    );
    expect(
      await on(
        'monitoring',
        'docker ps -a --format "{{.Names}}"; ss -Htln | grep -cE ":(9090|9093|9100|3001) "',
      ),
    ).toBe('foreign\n0');
    expect(await on('monitoring', 'ls -d /var/lib/prometheus/data/wal /var/lib/grafana/password')).toMatch(
      /password\n.*wal/,
    );
    expect(broken(await run('docker'))).toEqual([]);
    expect(await oldSamples()).toBe(2);
    await removeMonitoring(machines.context(), { hosts, purge: true });
    expect(
      await on(
        'monitoring',
        'ls -d /var/lib/prometheus/data /var/lib/grafana /etc/grafana /etc/alertmanager /var/lib/alertmanager /opt/cloudops 2>/dev/null; docker ps -a --format "{{.Names}}"; docker images --format "{{.Repository}}"',
      ),
    ).toBe('foreign\nprom/prometheus');
  }, 200_000);
});
