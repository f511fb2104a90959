import { afterEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { CloudopsError } from '../../src/errors.js';
import type { Host, HostRecord } from '../../src/hosts/host.js';
import { alertRules } from '../../src/monitoring/alerts.js';
import { metaRules } from '../../src/monitoring/meta-alerts.js';
import type { Context } from '../../src/operations/context.js';
import { verify } from '../../src/operations/verify.js';
import { fakeHost } from '../support/fake-host.js';
import {
  applicationMetrics,
  exporterMetrics,
  type FakeService,
  readyPage,
  rulesPage,
  startService,
  targetsPage,
} from '../support/fake-services.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const host = (name: string, role: HostRecord['role']): HostRecord => ({
  name,
  role,
  address: '127.0.0.1',
  privateAddress: '127.0.0.1',
  instanceId: undefined,
});
const records = [host('monitoring', 'monitoring'), host('application-1', 'application')];

/** A whole stack on loopback: every service on its own port, hosts that are the local shell. */
async function stack(connect?: Context['connect'], signal = new AbortController().signal) {
  const prometheus = await startService();
  const application = await startService({
    '/': { body: 'hi' },
    '/status': { body: '{}' },
    '/metrics': applicationMetrics,
  });
  const exporter = await startService({ '/metrics': exporterMetrics });
  for (const service of [prometheus, application, exporter]) closing.push(() => service.close());
  const config = configSchema.parse({
    monitoring: { prometheus: { port: prometheus.port }, nodeExporter: { port: exporter.port } },
    application: { port: application.port },
  });
  fill(
    prometheus,
    config,
    [prometheus, application, exporter].map(({ port }) => port),
  );
  const closed: string[] = [];
  const context: Context = {
    config,
    stack: 'demo-dev',
    region: 'us-east-1',
    aws: () => Promise.reject(new Error('AWS is not to be asked')),
    connect: connect ?? ((record) => Promise.resolve(monitored(record.name, closed))),
    on: () => undefined,
    signal,
    sandbox: true,
    stateDir: '/nonexistent',
  };
  const run = () =>
    verify(context, {
      monitoring: '127.0.0.1',
      hosts: records,
      patience: { forMs: 200, everyMs: 20 },
    });
  return { prometheus, application, exporter, run, closed };
}

function fill(prometheus: FakeService, config: Context['config'], ports: readonly number[]): void {
  const [own, app, node] = ports;
  prometheus.pages.set('/-/ready', readyPage);
  const rules = [...alertRules(config), ...metaRules(config)];
  prometheus.pages.set('/api/v1/rules', rulesPage(rules.map(({ alert }) => ({ name: alert }))));
  prometheus.pages.set(
    '/api/v1/targets',
    targetsPage([
      { job: 'prometheus', instance: `localhost:${own}` },
      { job: 'node', instance: `127.0.0.1:${node}` },
      { job: 'flask-app', instance: `127.0.0.1:${app}` },
    ]),
  );
}

/** The local shell, which is root's, on a host where Grafana was left out. */
function monitored(name: string, closed: string[]): Host {
  const real = fakeHost({ name });
  return {
    ...real,
    exec: (script, options) => {
      if (script === 'id -u') return Promise.resolve({ code: 0, stdout: '0\n', stderr: '' });
      if (script.includes('grafana-skipped')) {
        const stdout = 'no release here\ncloudops-access\ncloudops-access\n';
        return Promise.resolve({ code: 0, stdout, stderr: '' });
      }
      return real.exec(script, options);
    },
    close: () => {
      closed.push(name);
      return Promise.resolve();
    },
  };
}

describe('verify', () => {
  it('passes a healthy stack, with Grafana skipped for its reason', async () => {
    const { run, closed } = await stack();
    const result = await run();
    expect(result.checks.map(({ id, target, status }) => `${status} ${id} ${target}`)).toEqual([
      'pass hosts.ssh monitoring',
      'pass hosts.ssh application-1',
      'pass prometheus.ready monitoring',
      'pass prometheus.targets prometheus/monitoring',
      'pass prometheus.targets node/monitoring',
      'pass prometheus.targets node/application-1',
      'pass prometheus.targets flask-app/application-1',
      'pass prometheus.rules monitoring',
      'pass node-exporter.metrics monitoring',
      'pass node-exporter.metrics application-1',
      'skip grafana.health monitoring',
      'skip grafana.datasource monitoring',
      'skip dashboards.uploaded cloudops-system-overview',
      'skip dashboards.uploaded cloudops-prometheus-monitoring',
      'skip dashboards.uploaded cloudops-fleet',
      'pass application.index application-1',
      'pass application.status application-1',
      'pass application.metrics application-1',
    ]);
    expect(result).toMatchObject({ ok: true, summary: { pass: 13, fail: 0, skip: 5 } });
    expect(result.checks.find(({ id }) => id === 'grafana.health')?.message).toBe(
      'not installed: no release here',
    );
    expect(closed.sort()).toEqual(['application-1', 'monitoring']);
  });

  it('fails exactly where the application is down', async () => {
    const { run, application } = await stack();
    await application.close();
    const result = await run();
    const failed = result.checks.filter(({ status }) => status === 'fail');
    expect(failed.map(({ id }) => id)).toEqual([
      'application.index',
      'application.status',
      'application.metrics',
    ]);
    expect(failed[0]).toMatchObject({
      message: expect.stringContaining('refuses the connection'),
      hint: expect.stringContaining("'cloudops monitoring configure'"),
    });
    expect(result.ok).toBe(false);
  });

  it('skips what needs a host that does not let us in, and still asks what is open', async () => {
    const { run } = await stack((record) =>
      Promise.reject(
        new CloudopsError({
          code: 'SSH_AUTH',
          what: `${record.name} refuses the key.`,
          fix: ["Give '--ssh-key'."],
        }),
      ),
    );
    const { checks } = await run();
    const of = (status: string) => checks.filter((check) => check.status === status).map(({ id }) => id);
    expect(of('fail')).toEqual(['hosts.ssh', 'hosts.ssh']);
    expect(of('pass')).toContain('prometheus.ready');
    expect(checks.find(({ id }) => id === 'node-exporter.metrics')).toMatchObject({
      status: 'skip',
      message: 'needs SSH to monitoring',
    });
  });

  it('has exactly the fields that scripts rely on', async () => {
    const { run } = await stack();
    const result = await run();
    expect(Object.keys(result).sort()).toEqual(['checks', 'durationMs', 'ok', 'summary']);
    const fields = new Set(result.checks.flatMap((check) => Object.keys(check)));
    expect(
      [...fields].filter(
        (name) => !['id', 'target', 'status', 'message', 'hint', 'durationMs'].includes(name),
      ),
    ).toEqual([]);
  });

  it('gives no answer when it is interrupted: half of the checks would look like all', async () => {
    const controller = new AbortController();
    const { run } = await stack(() => {
      controller.abort();
      return Promise.reject(new Error('interrupted'));
    }, controller.signal);
    await expect(run()).rejects.toMatchObject({ name: 'AbortError' });
  });
});
