import { afterEach, describe, expect, it } from '@jest/globals';
import { CloudopsError } from '../../src/errors.js';
import type { OpenTunnel } from '../../src/hosts/ssh.js';
import type { Context } from '../../src/operations/context.js';
import { describeService, openService } from '../../src/operations/open-service.js';
import { configOf } from '../support/stack.js';

const asked: object[] = [];
afterEach(() => {
  asked.length = 0;
});

/** Listens on nothing; a taken port is one that `taken` names. */
function tunnels(taken?: number): OpenTunnel {
  return (record, to) => {
    asked.push({ host: record.address, ...to });
    if (to.localPort === taken)
      return Promise.reject(new CloudopsError({ code: 'LOCAL_PORT_TAKEN', what: 'It is taken.' }));
    const port = to.localPort === 0 ? 40_000 : to.localPort;
    return Promise.resolve({ port, ended: Promise.resolve(undefined), close: () => Promise.resolve() });
  };
}

function context(config: object = {}, tunnel = tunnels()): Context {
  return {
    config: configOf(config),
    stack: 'smartcloudops-dev',
    region: 'eu-west-1',
    aws: () => Promise.reject(new Error('no AWS here')),
    connect: () => Promise.reject(new Error('nobody logs in')),
    tunnel,
    on: () => undefined,
    signal: new AbortController().signal,
    sandbox: false,
    stateDir: '/state',
  };
}

const monitoring = '203.0.113.5';

describe('open', () => {
  it("leads from the service's own port on this machine to the host's loopback", async () => {
    const opened = await openService(context(), { service: 'grafana', monitoring });
    expect(asked).toEqual([{ host: monitoring, address: '127.0.0.1', port: 3001, localPort: 3001 }]);
    expect(opened.url).toBe('http://127.0.0.1:3001/');
  });

  it('takes any free port where that one is taken, but no other than the one asked for', async () => {
    const config = { monitoring: { prometheus: { port: 9091 } } };
    const opened = await openService(context(config, tunnels(9091)), { service: 'prometheus', monitoring });
    expect(opened.url).toBe('http://127.0.0.1:40000/');
    const wanted = openService(context({}, tunnels(5000)), { service: 'prometheus', monitoring, port: 5000 });
    await expect(wanted).rejects.toMatchObject({ code: 'LOCAL_PORT_TAKEN' });
  });

  it('prints the same for ssh, opening nothing', async () => {
    const config = { ssh: { port: 2222, user: 'admin' } };
    expect(await describeService(context(config), { service: 'prometheus', monitoring, port: 9999 })).toEqual(
      {
        service: 'prometheus',
        url: 'http://127.0.0.1:9999/',
        ssh: 'ssh -N -L 9999:127.0.0.1:9090 -i /state/id_ed25519 -p 2222 admin@203.0.113.5',
      },
    );
    expect(asked).toEqual([]);
  });

  it("has Grafana's address begin with https where that is wanted, and says where passwords are", async () => {
    const config = { monitoring: { grafana: { https: 'self-signed' }, prometheus: { basicAuth: true } } };
    expect(await describeService(context(config), { service: 'grafana', monitoring })).toMatchObject({
      url: 'https://127.0.0.1:3001/',
      login: { user: 'admin', passwordFile: '/state/grafana-admin-password' },
    });
    expect(await describeService(context(config), { service: 'prometheus', monitoring })).toMatchObject({
      url: 'http://127.0.0.1:9090/',
      login: { user: 'cloudops', passwordFile: '/state/prometheus-password' },
    });
  });

  it('says what it takes over SSM', async () => {
    const opening = openService(context({ ssh: { via: 'ssm' } }), { service: 'grafana', monitoring });
    await expect(opening).rejects.toMatchObject({
      code: 'TUNNEL_NEEDS_SSH',
      exitCode: 2,
      fix: [expect.stringContaining('--parameters portNumber=3001'), expect.stringContaining('--via ssh')],
    });
  });
});
