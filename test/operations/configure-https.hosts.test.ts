import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring, type Configured } from '../../src/operations/configure-monitoring.js';
import { removeMonitoring } from '../../src/operations/remove-monitoring.js';
import { rotatePassword } from '../../src/operations/rotate-password.js';
import { rotatePrometheusPassword } from '../../src/operations/rotate-prometheus.js';
import { uploadDashboards } from '../../src/operations/upload-dashboards.js';
import { verify, type VerifyResult } from '../../src/operations/verify.js';
import { makeCertificate, type MadeCertificate } from '../support/certificates.js';
import { grafanaMirror } from '../support/grafana-mirror.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

describeWith('Docker', hasDocker())('Grafana by HTTPS, under systemd', () => {
  let machines: TwoMachines;
  let mirror: Awaited<ReturnType<typeof grafanaMirror>>;
  let given: MadeCertificate;
  const address = (): string => machines.records[0]?.address ?? '';
  const on = async (script: string): Promise<string> =>
    (await machines.exec('monitoring', script)).stdout.trim();
  const context = (https: unknown, basicAuth = false) =>
    machines.context({
      monitoring: { grafana: { https }, prometheus: { basicAuth, scrapeInterval: '2s' } },
      artifacts: { mirror: mirror.url },
    });
  const hosts = () => ({ hosts: [machines.records[0]!] });
  const run = (https: unknown, more: object = {}): Promise<Configured> =>
    configureMonitoring(context(https), { ...hosts(), dashboards: true, ...more });
  const steps = ({ result }: Configured): readonly string[] =>
    result.hosts.flatMap(({ changed }) => changed.map(({ step }) => step));
  /** What Grafana answers to somebody who believes just this certificate. */
  const health = (ca: string, servername?: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = {
        host: address(),
        port: 3001,
        path: '/api/health',
        ca,
        ...(servername ? { servername } : {}),
      };
      request(options, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .once('error', reject)
        .end();
    });
  const shown = async (): Promise<X509Certificate> =>
    new X509Certificate(await on('cat /etc/grafana/tls.crt'));
  const checksOf = async (https: unknown): Promise<VerifyResult['checks']> =>
    (await verify(context(https), { monitoring: address(), hosts: [machines.records[0]!] })).checks;
  const grafanaChecks = async (https: unknown): Promise<readonly string[]> =>
    (await checksOf(https))
      .filter(({ id }) => /^grafana/.test(id))
      .map(({ id, status, message }) => `${status} ${id}${status === 'pass' ? '' : `: ${message}`}`);
  const well = ['pass grafana.health', 'pass grafana.datasource', 'pass grafana.certificate'];

  beforeAll(async () => {
    machines = await twoMachines(212);
    mirror = await grafanaMirror('10.212.0.1');
    given = makeCertificate(join(machines.stateDir, 'given'), { names: 'DNS:*.example.com' });
  }, 300_000);
  afterAll(async () => {
    await mirror.close();
    await machines.close();
  }, 60_000);

  it('makes a certificate on the host, which everybody who asks Grafana believes', async () => {
    // Plain first: a running Grafana is to change over.
    expect(broken(await run(false))).toEqual([]);
    const configured = await run('self-signed');
    expect(broken(configured)).toEqual([]);
    expect(configured.result.dashboards?.dashboards.map(({ action }) => action)).toEqual(
      configured.result.dashboards?.dashboards.map(() => 'created'),
    );
    expect((await shown()).subjectAltName).toBe(
      `DNS:localhost, IP Address:127.0.0.1, IP Address:${address()}` +
        (address() === '10.212.0.10' ? '' : ', IP Address:10.212.0.10'),
    );
    expect(await health((await shown()).toString())).toBe(200);
    await expect(health(given.certificate)).rejects.toThrow(/self-signed certificate/);
    expect(await on("stat -c '%a %U' /etc/grafana/tls.key /etc/grafana/tls.crt")).toBe(
      '600 grafana\n644 root',
    );
    expect(await grafanaChecks('self-signed')).toEqual(well);
  }, 300_000);

  it('has nothing to do the second time, in one round trip; dashboards and passwords go the same way', async () => {
    machines.trips.length = 0;
    const { result } = await configureMonitoring(context('self-signed'), hosts());
    expect(result.changed).toBe(0);
    expect(machines.trips).toEqual(['monitoring']);
    const again = await uploadDashboards(context('self-signed'), hosts());
    expect([again.result.ok, again.result.dashboards.map(({ action }) => action)]).toEqual([
      true,
      again.result.dashboards.map(() => 'unchanged'),
    ]);
    expect(await rotatePassword(context('self-signed'), hosts())).toMatchObject({ resumed: false });
    expect((await configureMonitoring(context('self-signed'), hosts())).result.changed).toBe(0);
  }, 90_000);

  it('makes a new one before it ends, and for an address that it lacks', async () => {
    const before = (await shown()).fingerprint256;
    const short = "-subj /O=cloudops/CN=x -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -days 20";
    await on(
      `cd /etc/grafana && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ${short} -keyout new.key -out tls.crt 2>/dev/null && cat new.key >tls.key; rm new.key; systemctl restart grafana-server; sleep 1`,
    );
    const found = (await checksOf('self-signed')).find(({ id }) => id === 'grafana.certificate');
    expect(found).toMatchObject({ status: 'fail', message: expect.stringMatching(/ends in (19|20) days/) });
    const renewed = await run('self-signed', { dashboards: false });
    expect([broken(renewed), steps(renewed)]).toEqual([
      [],
      ['certificate /etc/grafana/tls.crt', 'service grafana-server'],
    ]);
    expect((await shown()).fingerprint256).not.toBe(before);
    const moved = { ...machines.records[0]!, privateAddress: '10.212.0.99' };
    const other = await configureMonitoring(context('self-signed'), { hosts: [moved] });
    expect(steps(other)).toEqual(
      expect.arrayContaining(['certificate /etc/grafana/tls.crt', 'service grafana-server']),
    );
    expect((await shown()).subjectAltName).toContain('10.212.0.99');
    expect(broken(await run('self-signed'))).toEqual([]);
  }, 120_000);

  it('shows a certificate that was given, also when its file has changed', async () => {
    const https = () => ({ certificate: given.certificateFile, key: given.keyFile });
    expect(broken(await run(https()))).toEqual([]);
    expect(await health(given.certificate, 'grafana.example.com')).toBe(200);
    expect(await grafanaChecks(https())).toEqual(well);
    expect((await run(https())).result.changed).toBe(0);
    const { key } = given;
    given = makeCertificate(join(machines.stateDir, 'given'), { names: 'DNS:mon.example.com' });
    const changed = await run(https());
    expect([broken(changed), steps(changed)]).toEqual([
      [],
      ["files Grafana's certificate", 'service grafana-server'],
    ]);
    expect(await health(given.certificate, 'mon.example.com')).toBe(200);
    expect(await grafanaChecks(https())).toEqual(well);
    const seen = await on('journalctl --no-pager; cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "');
    for (const secret of [key, given.key]) {
      const line = secret.split('\n')[1] ?? '';
      expect(`${seen} ${JSON.stringify([machines.events, changed.result])}`).not.toContain(line);
    }
  }, 180_000);

  it('touches nothing when the key is not that of the certificate', async () => {
    const other = makeCertificate(join(machines.stateDir, 'other'));
    machines.trips.length = 0;
    const https = { certificate: given.certificateFile, key: other.keyFile };
    await expect(run(https)).rejects.toMatchObject({ code: 'GRAFANA_KEY_STRANGE' });
    expect(machines.trips).toEqual([]);
    writeFileSync(other.keyFile, 'nothing');
    await expect(run(https)).rejects.toMatchObject({ code: 'GRAFANA_CERTIFICATE_INVALID' });
    expect(await health(given.certificate, 'mon.example.com')).toBe(200);
  }, 60_000);

  it('goes together with a login of Prometheus', async () => {
    const both = context('self-signed', true);
    expect(broken(await configureMonitoring(both, { ...hosts(), dashboards: true }))).toEqual([]);
    await rotatePrometheusPassword(both, hosts());
    expect((await configureMonitoring(both, hosts())).result.changed).toBe(0);
    const { checks } = await verify(both, { monitoring: address(), hosts: [machines.records[0]!] });
    const failed = checks.filter(({ status, id }) => status === 'fail' && id.startsWith('grafana'));
    expect(failed).toEqual([]);
  }, 120_000);

  it('is plain again when that is asked for, and goes with everything else', async () => {
    expect(broken(await run(false))).toEqual([]);
    expect((await fetch(`http://${address()}:3001/api/health`)).status).toBe(200);
    const left = 'ls /etc/grafana/tls.crt /etc/grafana/tls.key 2>/dev/null';
    expect(await on(left)).toBe('');
    expect((await run(false)).result.changed).toBe(0);
    expect(broken(await run('self-signed'))).toEqual([]);
    const { report } = await removeMonitoring(context('self-signed'), { ...hosts(), purge: false });
    expect([report.ok, await on(left)]).toEqual([true, '']);
  }, 180_000);
});
