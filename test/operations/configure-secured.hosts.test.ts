import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring, type Configured } from '../../src/operations/configure-monitoring.js';
import { rotatePassword } from '../../src/operations/rotate-password.js';
import { rotatePrometheusPassword } from '../../src/operations/rotate-prometheus.js';
import { uploadDashboards } from '../../src/operations/upload-dashboards.js';
import { verify } from '../../src/operations/verify.js';
import { releaseArchive, savedImage, writeBundle } from '../support/artifacts.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { sampleProcesses, secretSearch, type ProcessSampler } from '../support/secret-search.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

const versions = { nodeExporter: '1.12.1', prometheus: '3.13.5', grafana: '12.4.11' };
const images = { prometheus: 'prom/prometheus:v3.13.5', grafana: 'grafana/grafana:12.4.11' };

describeWith('Docker', hasDocker())('login and HTTPS, in containers and out of them', () => {
  let machines: TwoMachines;
  let sampler: ProcessSampler;
  const file = (name: string): string => join(machines.stateDir, name);
  const kept = (name: string): string => readFileSync(file(name), 'utf8').trim();
  const hosts = () => ({ hosts: [machines.records[0]!] });
  const on = async (script: string): Promise<string> =>
    (await machines.exec('monitoring', script)).stdout.trim();
  const context = (secured = true) =>
    machines.context({
      monitoring: {
        grafana: { https: secured ? 'self-signed' : false },
        prometheus: { basicAuth: secured, scrapeInterval: '2s' },
      },
    });
  const run = (runtime: 'docker' | 'native', secured = true): Promise<Configured> =>
    configureMonitoring(context(secured), {
      ...hosts(),
      runtime,
      bundle: file('bundle'),
      dashboards: true,
    });
  const failing = async (secured = true): Promise<readonly string[]> => {
    const patience = { forMs: 20_000, everyMs: 500 };
    // The stand-in for Grafana forgets its dashboards when it is restarted.
    await uploadDashboards(context(secured), hosts());
    const { checks } = await verify(context(secured), { ...hosts(), monitoring: '10.213.0.10', patience });
    const failed = checks.filter(({ status }) => status === 'fail');
    return failed.map(({ id, message }) => `${id}: ${message}`);
  };
  const changes = ({ result }: Configured): readonly unknown[] =>
    result.hosts.flatMap(({ changed }) => changed);

  beforeAll(async () => {
    machines = await twoMachines(213, 'monitoring');
    sampler = sampleProcesses(file('samples'));
    writeBundle(file('bundle'), [
      ...(['nodeExporter', 'prometheus', 'grafana'] as const).map((name) => {
        const { name: path, bytes } = releaseArchive(name, versions[name]);
        return { artifact: { kind: 'archive' as const, name, version: versions[name], file: path }, bytes };
      }),
      ...(['prometheus', 'grafana'] as const).map((name) => {
        const artifact = {
          kind: 'image' as const,
          name,
          version: versions[name],
          reference: images[name],
          file: name,
        };
        return { artifact, bytes: savedImage(name, images[name]) };
      }),
    ]);
  }, 300_000);
  afterAll(async () => {
    sampler.stop();
    await machines.close();
  }, 60_000);

  it('works in containers from the first run on, and the second has nothing to do', async () => {
    expect(broken(await run('docker'))).toEqual([]);
    expect(await failing()).toEqual([]);
    expect(await on("stat -c '%a %u %n' /etc/prometheus/web.yml /etc/grafana/tls.key | sort")).toBe(
      '600 472 /etc/grafana/tls.key\n600 65534 /etc/prometheus/web.yml',
    );
    expect(changes(await run('docker'))).toEqual([]);
    expect((await uploadDashboards(context(), hosts())).result.ok).toBe(true);
  }, 300_000);

  it('changes both passwords there, and renews a certificate that ends', async () => {
    await rotatePassword(context(), hosts());
    await rotatePrometheusPassword(context(), hosts());
    expect([await failing(), changes(await run('docker'))]).toEqual([[], []]);
    const short = "-subj /O=cloudops/CN=x -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:10.213.0.10'";
    await on(
      `cd /etc/grafana && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ${short} -days 20 -keyout new.key -out tls.crt 2>/dev/null && cat new.key >tls.key; rm new.key`,
    );
    expect(changes(await run('docker'))).toMatchObject([
      { step: 'certificate /etc/grafana/tls.crt', detail: 'ends within 30 days' },
      { step: 'container grafana' },
    ]);
    expect(await failing()).toEqual([]);
  }, 200_000);

  it('moves out of containers and back with the same passwords', async () => {
    const before = [kept('prometheus-password'), kept('grafana-admin-password')];
    for (const runtime of ['native', 'docker'] as const) {
      expect(broken(await run(runtime))).toEqual([]);
      expect([await failing(), changes(await run(runtime))]).toEqual([[], []]);
    }
    expect([kept('prometheus-password'), kept('grafana-admin-password')]).toEqual(before);
  }, 300_000);

  it('shows no password in processes, environments, logs, files or what Docker tells', async () => {
    const secrets = [kept('prometheus-password'), kept('grafana-admin-password')];
    const seen = sampler.read();
    for (const word of ['--web.config.file', '--cacert', '--config']) expect(seen).toContain(word);
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    expect((await on(secretSearch(secrets))).split('\n')).toEqual([
      '600 UNKNOWN /etc/grafana/admin-password',
      '600 UNKNOWN /etc/grafana/prometheus-password',
      '600 nobody /etc/prometheus/cloudops-password',
      // What Grafana keeps itself; the real one keeps a hash.
      '644 UNKNOWN /var/lib/grafana/password',
    ]);
    expect(secrets.filter((secret) => JSON.stringify(machines.events).includes(secret))).toEqual([]);
  }, 120_000);

  it('is plain and open again in containers when that is asked for', async () => {
    expect(broken(await run('docker', false))).toEqual([]);
    expect(await failing(false)).toEqual([]);
    expect((await fetch('http://10.213.0.10:9090/-/ready')).status).toBe(200);
    expect((await fetch('http://10.213.0.10:3001/api/health')).status).toBe(200);
    expect(
      await on(
        'ls /etc/grafana/tls.* /etc/prometheus/web.yml /etc/grafana/*-password /etc/prometheus/*-password 2>/dev/null',
      ),
    ).toBe('/etc/grafana/admin-password');
    expect(changes(await run('docker', false))).toEqual([]);
  }, 120_000);
});
