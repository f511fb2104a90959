import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { certificateFacts } from '../../src/hosts/certificate.js';
import { requestFrom } from '../../src/hosts/http.js';
import { modelMonitoring } from '../../src/monitoring/model.js';
import { renderFiles } from '../../src/monitoring/render-files.js';
import { grafanaIni } from '../../src/monitoring/units.js';
import { readGrafanaCertificate } from '../../src/operations/grafana-certificate.js';
import { grafanaCertificate } from '../../src/verify/probes/grafana-certificate.js';
import { makeCertificate, type MadeCertificate } from '../support/certificates.js';
import { fakeHost } from '../support/fake-host.js';
import { startService } from '../support/fake-services.js';
import { describeWith, hasProgram } from '../support/requires.js';

const signal = new AbortController().signal;

describe('grafana.ini', () => {
  it('names certificate and key, and keeps cookies off plain HTTP, only with HTTPS', () => {
    const ini = (https: unknown): string =>
      grafanaIni(configSchema.parse({ monitoring: { grafana: { https } } }));
    for (const line of ['protocol = https', 'cert_key = /etc/grafana/tls.key', 'cookie_secure = true']) {
      expect(ini('self-signed').split('\n')).toContain(line);
      expect(ini({ certificate: 'a', key: 'b' }).split('\n')).toContain(line);
      expect(ini(false)).not.toContain(line);
    }
  });
});

describeWith('openssl', hasProgram('openssl', 'version'))("Grafana's certificate", () => {
  let directory: string;
  let good: MadeCertificate;
  let other: MadeCertificate;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cloudops-certificate-'));
    good = makeCertificate(join(directory, 'good'), { names: 'DNS:*.example.com,IP:203.0.113.7' });
    other = makeCertificate(join(directory, 'other'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const read = (certificate: string, key: string, now?: Date) =>
    readGrafanaCertificate(
      configSchema.parse({ monitoring: { grafana: { https: { certificate, key } } } }),
      now,
    );
  const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

  it('is taken with its key and a name that it is for', async () => {
    const given = await read(good.certificateFile, good.keyFile);
    expect([given?.certificate, given?.key.reveal(), given?.name]).toEqual([
      good.certificate,
      good.key,
      'grafana.example.com',
    ]);
    expect(JSON.stringify(given)).not.toContain('PRIVATE');
  });

  it.each([
    ['DNS:localhost,IP:10.0.0.1', 'localhost'],
    ['IP:10.0.0.1', '10.0.0.1'],
    ['', 'by-name.example'],
  ])('is asked by a name that it is for: %s', (names, name) => {
    const made = makeCertificate(join(directory, name), { names, cn: 'by-name.example' });
    expect(certificateFacts(made.certificate).name).toBe(name);
  });

  it.each([
    ['a file that is not there', 'GRAFANA_CERTIFICATE_UNREADABLE', () => read('/nowhere/x', good.keyFile)],
    [
      'a key in place of the certificate',
      'GRAFANA_CERTIFICATE_INVALID',
      () => read(good.keyFile, good.keyFile),
    ],
    [
      'a certificate in place of the key',
      'GRAFANA_CERTIFICATE_INVALID',
      () => read(good.certificateFile, good.certificateFile),
    ],
    ['the key of another', 'GRAFANA_KEY_STRANGE', () => read(good.certificateFile, other.keyFile)],
    [
      'one that has ended',
      'GRAFANA_CERTIFICATE_EXPIRED',
      () => read(good.certificateFile, good.keyFile, inDays(91)),
    ],
    [
      'one that has not begun',
      'GRAFANA_CERTIFICATE_EXPIRED',
      () => read(good.certificateFile, good.keyFile, inDays(-2)),
    ],
  ])('is refused: %s', async (_, code, reading) => {
    const refused = await reading().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code,
      exitCode: 2,
      what: expect.stringContaining('Nothing was touched.'),
    });
    expect((refused as Error).message).not.toContain('PRIVATE');
  });

  it('is refused with an encrypted key', async () => {
    const encrypted = join(directory, 'encrypted.key');
    execFileSync('openssl', [
      'pkey',
      '-in',
      good.keyFile,
      '-aes256',
      '-passout',
      'pass:x',
      '-out',
      encrypted,
    ]);
    await expect(read(good.certificateFile, encrypted)).rejects.toMatchObject({
      code: 'GRAFANA_CERTIFICATE_INVALID',
      message: expect.stringContaining('encrypted'),
    });
  });

  it('is rendered, its key is not', async () => {
    const https = { certificate: good.certificateFile, key: good.keyFile };
    const config = configSchema.parse({ monitoring: { grafana: { https } } });
    const host = {
      name: 'monitoring',
      role: 'monitoring',
      privateAddress: '10.0.1.10',
      instanceId: undefined,
    } as const;
    const files = renderFiles(modelMonitoring(config, [host]), {
      grafana: true,
      application: false,
      packaged: true,
      runtime: 'native',
      certificate: await readGrafanaCertificate(config),
    });
    expect(files.find(({ path }) => path === 'grafana/tls.crt')?.content).toBe(good.certificate);
    expect(files.map(({ content }) => content).join('')).not.toContain('PRIVATE');
  });

  describe('where it is shown', () => {
    let server: Server;
    const port = (): number => (server.address() as AddressInfo).port;
    const probe = (pem: string, at = port(), made = true) =>
      grafanaCertificate('monitoring', {
        address: '127.0.0.1',
        port: at,
        made,
        certificate: () => Promise.resolve(pem),
      }).run(signal);
    beforeAll(async () => {
      server = createServer({ cert: good.certificate, key: good.key }, (_, response) =>
        response.end('hello'),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => void server.close());

    it('is believed by questions from the host, and no other is', async () => {
      const host = fakeHost();
      const url = `https://grafana.example.com:${String(port())}/`;
      const ask = (certificate: string) =>
        requestFrom(host, { method: 'GET', url, trust: { certificate, name: 'grafana.example.com' } });
      expect(await ask(good.certificateFile)).toEqual({ status: 200, body: 'hello' });
      await expect(ask(other.certificateFile)).rejects.toMatchObject({
        code: 'HTTP_NO_ANSWER',
        message: expect.stringContaining('another certificate'),
      });
    });

    it('is the one of the host, or that is said', async () => {
      expect(await probe(good.certificate)).toMatchObject({
        status: 'pass',
        message: expect.stringMatching(/^for grafana\.example\.com, until \d{4}-\d\d-\d\d$/),
      });
      expect(await probe(other.certificate)).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('shows another certificate'),
      });
    });

    it('is told of 30 days before its end, with what to do', async () => {
      const short = makeCertificate(join(directory, 'short'), { days: 29 });
      expect(await probe(short.certificate)).toMatchObject({
        status: 'fail',
        message: expect.stringMatching(/ends in 2[89] days/),
        hint: expect.stringContaining('makes a new one'),
      });
      expect(await probe(short.certificate, port(), false)).toMatchObject({
        hint: expect.stringContaining("'monitoring.grafana.https'"),
      });
    });

    it('fails where plain HTTP answers, and passes with a word where nobody is reached', async () => {
      const plain = await startService({});
      const found = await probe(good.certificate, plain.port);
      await plain.close();
      expect(found).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('shows no certificate'),
      });
      expect(await probe(good.certificate, plain.port)).toMatchObject({
        status: 'pass',
        message: expect.stringContaining('not reachable from this machine'),
      });
    });
  });
});
