import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { converge, inspect } from '../../src/hosts/converge.js';
import { selfSigned } from '../../src/hosts/steps/self-signed.js';
import { makeCertificate } from '../support/certificates.js';
import { fakeHost } from '../support/fake-host.js';
import { describeWith, hasProgram } from '../support/requires.js';

describeWith('openssl', hasProgram('openssl', 'version'))('a certificate made on a host', () => {
  let directory: string;
  const host = fakeHost();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cloudops-self-signed-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const certificate = (): string => join(directory, 'tls.crt');
  const key = (): string => join(directory, 'tls.key');
  const step = (names = ['localhost', '127.0.0.1', '10.0.1.10']) =>
    selfSigned({
      certificate: certificate(),
      key: key(),
      owner: userInfo().username,
      name: 'monitoring',
      names,
    });
  const run = (names?: string[]) => converge(host, [step(names)], () => undefined);
  const parsed = (): X509Certificate => new X509Certificate(readFileSync(certificate()));

  it('is for all its names, lasts two years, and its key is for one user', async () => {
    expect((await run()).changed).toMatchObject([{ detail: 'missing' }]);
    expect(parsed().subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:10.0.1.10');
    expect(new Date(parsed().validTo).getTime()).toBeGreaterThan(Date.now() + 730 * 86_400_000);
    expect(parsed().ca).toBe(false);
    expect(statSync(key()).mode & 0o777).toBe(0o600);
    expect(statSync(certificate()).mode & 0o777).toBe(0o644);
    expect(readdirSync(directory).sort()).toEqual(['tls.crt', 'tls.key']);
    expect(host.trips.join('\n')).not.toContain('PRIVATE KEY');
  });

  it('stays as it is, also where fewer names are wanted', async () => {
    await run();
    const { fingerprint256 } = parsed();
    expect(await inspect(host, [step()])).toEqual([]);
    expect(await inspect(host, [step(['localhost'])])).toEqual([]);
    await run(['localhost']);
    expect(parsed().fingerprint256).toBe(fingerprint256);
  });

  it('is made anew for an address that it lacks', async () => {
    await run();
    expect((await run(['localhost', '203.0.113.9', 'mon.example.com'])).changed).toMatchObject([
      { detail: 'is not for 203.0.113.9, mon.example.com' },
    ]);
    const before = ['IP Address:127.0.0.1', 'IP Address:10.0.1.10'];
    const now = ['DNS:localhost', 'IP Address:203.0.113.9', 'DNS:mon.example.com', ...before];
    expect(parsed().subjectAltName).toBe(now.join(', '));
    // Two operators who reach it by different names share one certificate.
    expect(await inspect(host, [step()])).toEqual([]);
  });

  it('keeps the last names only, and knows an IPv6 address however it is written', async () => {
    await run(['localhost', ...Array.from({ length: 18 }, (_, at) => `192.0.2.${String(at)}`)]);
    await run(['localhost', '192.0.2.24', '192.0.2.25']);
    const names = parsed().subjectAltName?.split(', ') ?? [];
    expect([names.length, names.slice(0, 3)]).toEqual([
      20,
      ['DNS:localhost', 'IP Address:192.0.2.24', 'IP Address:192.0.2.25'],
    ]);
    await run(['fd00::0:2']);
    expect(await inspect(host, [step(['fd00::2', 'FD00:0:0:0:0:0:0:2'])])).toEqual([]);
  });

  it('is made anew 30 days before its end, in place of a strange one, and with a strange key', async () => {
    makeCertificate(directory, { names: 'DNS:localhost' });
    expect((await run(['localhost'])).changed).toMatchObject([{ detail: 'is not one that was made here' }]);
    const ours = ['-subj', '/O=cloudops/CN=x', '-addext', 'subjectAltName=DNS:localhost'];
    const words = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      ...ours,
    ];
    const make = (...more: string[]): void =>
      void execFileSync('openssl', [...words, ...more], { stdio: 'ignore' });
    make('-days', '29', '-keyout', key(), '-out', certificate());
    expect((await run(['localhost'])).changed).toMatchObject([{ detail: 'ends within 30 days' }]);
    make('-days', '99', '-keyout', key(), '-out', join(directory, 'x'));
    expect((await run(['localhost'])).changed).toMatchObject([
      { detail: 'and its key do not belong together' },
    ]);
    execFileSync('chmod', ['0644', key()]);
    expect((await run(['localhost'])).changed).toMatchObject([{ detail: 'key: mode 0644 instead of 0600' }]);
  });
});
