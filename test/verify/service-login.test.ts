import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '../../src/config/secret.js';
import { requestFrom } from '../../src/hosts/http.js';
import { prometheusAsks } from '../../src/verify/probes/prometheus-login.js';
import { askPrometheus, seenAlerts } from '../../src/verify/prometheus-api.js';
import { service, type Service, type ServiceLogin } from '../../src/verify/service.js';
import { fakeHost } from '../support/fake-host.js';

const right = 'a"b\\c d';
const signal = new AbortController().signal;

describe('a service that asks for a login', () => {
  let server: Server;
  let directory: string;
  let asked: string[];
  const host = fakeHost({ name: 'monitoring' });
  const port = (): number => (server.address() as AddressInfo).port;
  const of = (held?: string, onHost = 'held'): ServiceLogin => ({
    onHost: { name: 'cloudops', passwordFile: join(directory, onHost) },
    held: held === undefined ? undefined : new Secret(held),
  });
  const at = (login?: ServiceLogin): Service =>
    service({
      name: 'Prometheus',
      address: '127.0.0.1',
      port: port(),
      host: () => Promise.resolve(host),
      login,
    });

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'cloudops-login-'));
    writeFileSync(join(directory, 'held'), 'plain-one');
    server = createServer((request, response) => {
      const [, pair = ''] = (request.headers.authorization ?? '').split(' ');
      const login = Buffer.from(pair, 'base64').toString();
      asked.push(login);
      response
        .writeHead(['cloudops:plain-one', `cloudops:${right}`].includes(login) ? 200 : 401)
        .end('there');
    });
    asked = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true });
  });

  it('is asked straight with the password that this machine holds', async () => {
    const trips = host.trips.length;
    expect(await at(of('plain-one')).get('/', signal)).toMatchObject({ status: 200, via: '' });
    expect(host.trips.length).toBe(trips);
  });

  it.each([
    [undefined, 'this machine holds no password for it'],
    ['older', 'it does not take the password on this machine'],
  ])("is asked from its host, with the host's own, where this machine holds %s", async (held, why) => {
    const answer = await at(of(held)).get('/', signal);
    expect(answer).toMatchObject({ status: 200, via: `asked from monitoring: ${why}` });
    expect(host.trips.join('\n')).not.toContain('plain-one');
  });

  it('is what it is where neither has the right one', async () => {
    expect(await at(of('older', 'nowhere')).get('/', signal)).toMatchObject({ status: 401 });
    expect(asked.at(-1)).toBe('cloudops:');
  });

  it('takes a given password, too, whatever is in it', async () => {
    const request = { method: 'GET', url: `http://127.0.0.1:${String(port())}/` } as const;
    const user = { name: 'cloudops', password: new Secret(right) };
    expect(await requestFrom(host, { ...request, user })).toMatchObject({ status: 200, body: 'there' });
    const own = of().onHost;
    expect(await requestFrom(host, { ...request, user: own })).toMatchObject({ status: 200 });
    const posted = { ...request, method: 'POST', user: own, body: { a: 'b' } } as const;
    expect(await requestFrom(host, posted)).toMatchObject({ status: 200 });
  });

  it('is told apart from something foreign', async () => {
    const asking = askPrometheus(at(), '/api/v1/alerts', seenAlerts, signal);
    await expect(asking).rejects.toMatchObject({ code: 'PROMETHEUS_AUTH' });
  });

  it('is proven to ask by somebody without', async () => {
    expect(await prometheusAsks('monitoring', at()).run(signal)).toMatchObject({ status: 'pass' });
    server.removeAllListeners('request');
    server.on('request', (_, response) => response.writeHead(200).end());
    const found = await prometheusAsks('monitoring', at()).run(signal);
    expect(found).toMatchObject({ status: 'fail', message: expect.stringContaining('without a password') });
  });
});
