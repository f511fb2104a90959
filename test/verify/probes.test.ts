import { afterEach, describe, expect, it } from '@jest/globals';
import { grafana } from '../../src/dashboards/grafana.js';
import { parseDashboard } from '../../src/dashboards/parse.js';
import { uploadDashboard } from '../../src/dashboards/upload.js';
import { CloudopsError } from '../../src/errors.js';
import type { Host, HostRecord } from '../../src/hosts/host.js';
import type { Check, Probe } from '../../src/verify/probe.js';
import { applicationProbes } from '../../src/verify/probes/application.js';
import { grafanaProbes } from '../../src/verify/probes/grafana.js';
import { instancesRunning, planEmpty } from '../../src/verify/probes/infra.js';
import { nodeExporters } from '../../src/verify/probes/node-exporter.js';
import { prometheusReady } from '../../src/verify/probes/prometheus-ready.js';
import { machineMetrics } from '../../src/monitoring/expressions.js';
import { prometheusRules } from '../../src/verify/probes/prometheus-rules.js';
import { prometheusTargets } from '../../src/verify/probes/prometheus-targets.js';
import { ssh } from '../../src/verify/probes/ssh.js';
import { runProbes } from '../../src/verify/run-probes.js';
import { Needs, service } from '../../src/verify/service.js';
import { startFakeGrafana } from '../support/fake-grafana.js';
import { fakeHost } from '../support/fake-host.js';
import {
  applicationMetrics,
  exporterMetrics,
  type FakeService,
  freePort,
  type Page,
  readyPage,
  rulesPage,
  startService,
  targetsPage,
} from '../support/fake-services.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(pages: Readonly<Record<string, Page>>): Promise<FakeService> {
  const started = await startService(pages);
  closing.push(() => started.close());
  return started;
}

const patience = { forMs: 300, everyMs: 20 };
const noSsh = (): Promise<Host> => Promise.reject(new Needs('SSH to monitoring'));

async function run(probes: readonly Probe[]): Promise<readonly Check[]> {
  const { checks } = await runProbes(probes, { on: () => undefined, signal: new AbortController().signal });
  return checks;
}

async function one(probe: Probe): Promise<Omit<Check, 'durationMs'>> {
  const [check] = await run([probe]);
  const { durationMs, ...rest } = check!;
  expect(durationMs).toBeGreaterThanOrEqual(0);
  return rest;
}

const prometheusAt = (port: number, host = noSsh) =>
  service({ name: 'Prometheus', address: '127.0.0.1', port, host });

describe('prometheus.ready', () => {
  const probe = (port: number, host = noSsh) =>
    prometheusReady('monitoring', prometheusAt(port, host), patience);

  it('passes', async () => {
    const { port } = await serve({ '/-/ready': readyPage });
    expect(await one(probe(port))).toEqual({
      id: 'prometheus.ready',
      target: 'monitoring',
      status: 'pass',
      message: 'Prometheus is ready',
    });
  });

  it('waits for one that is starting', async () => {
    const starting = await serve({ '/-/ready': { status: 503, body: 'Service Unavailable' } });
    setTimeout(() => starting.pages.set('/-/ready', readyPage), 60);
    expect((await one(probe(starting.port))).status).toBe('pass');
  });

  it('fails when it goes on starting', async () => {
    const { port } = await serve({ '/-/ready': { status: 503, body: 'Service Unavailable' } });
    expect(await one(probe(port))).toMatchObject({
      status: 'fail',
      message: `127.0.0.1:${port} answered 503: Prometheus is still starting; expected Prometheus to be ready`,
      hint: expect.stringContaining('journalctl -u prometheus'),
    });
  });

  it('names a stranger on its port', async () => {
    const { port } = await serve({});
    expect((await one(probe(port))).message).toContain(
      "something else than Prometheus answers there ('/-/ready' is unknown)",
    );
  });

  it('says that nothing listens, asked from the host', async () => {
    const port = await freePort();
    expect(await one(probe(port, () => Promise.resolve(fakeHost())))).toMatchObject({
      status: 'fail',
      message: `127.0.0.1:${port} refuses the connection: the machine is up, but nothing listens there; expected Prometheus to answer`,
      hint: "Start Prometheus with 'cloudops monitoring configure'; a second run repairs what is wrong.",
    });
  });

  it("asks from the host when the operator's machine can't reach the port, and says so", async () => {
    const { port } = await serve({ '/-/ready': readyPage });
    const closed = service({
      name: 'Prometheus',
      address: '127.0.0.2',
      port,
      host: () => Promise.resolve(fakeHost({ name: 'monitoring' })),
    });
    expect(await one(prometheusReady('monitoring', closed, patience))).toMatchObject({
      status: 'pass',
      message: `Prometheus is ready, asked from monitoring: port ${port} is not reachable from this machine`,
    });
  });

  it('is skipped when neither way is open', async () => {
    expect(await one(probe(await freePort()))).toMatchObject({
      status: 'skip',
      message: 'needs SSH to monitoring',
    });
  });
});

describe('prometheus.targets', () => {
  const node = { job: 'node', address: '10.0.1.5:9100', host: 'monitoring' };
  const app = { job: 'flask-app', address: '10.0.2.7:3000', host: 'application-1' };
  const up = { job: 'node', instance: '10.0.1.5:9100' };

  it('passes for each, with one request for all', async () => {
    const prometheus = await serve({
      '/api/v1/targets': targetsPage([up, { job: 'flask-app', instance: '10.0.2.7:3000' }]),
    });
    const checks = await run(
      prometheusTargets([node, app], prometheusAt(prometheus.port), { forMs: 300, everyMs: 200 }),
    );
    expect(checks.map(({ id, target, status, message }) => [id, target, status, message])).toEqual([
      ['prometheus.targets', 'node/monitoring', 'pass', '10.0.1.5:9100 is up'],
      ['prometheus.targets', 'flask-app/application-1', 'pass', '10.0.2.7:3000 is up'],
    ]);
    expect(prometheus.requests).toHaveLength(1);
  });

  const cases: readonly (readonly [string, string, string])[] = [
    [
      'Get "http://10.0.1.5:9100/metrics": dial tcp 10.0.1.5:9100: connect: connection refused',
      '10.0.1.5:9100 refuses the connection: the machine is up, but nothing listens there; expected it to be up',
      "Start the Node Exporter with 'cloudops monitoring configure'; a second run repairs what is wrong.",
    ],
    [
      'Get "http://10.0.1.5:9100/metrics": context deadline exceeded',
      "10.0.1.5:9100 doesn't answer: something drops the packets, a security group or a firewall on the host; expected it to be up",
      "Run 'cloudops infra plan': it shows whether a security group drifted; 'cloudops infra up' puts it right.",
    ],
    [
      'Get "http://10.0.1.5:9100/metrics": dial tcp 10.0.1.5:9100: connect: no route to host',
      'there is no route to 10.0.1.5:9100: the machine is stopped, or in another network; expected it to be up',
      "Run 'cloudops infra status': it shows whether the instance runs and which address it has.",
    ],
    [
      'server returned HTTP status 404 NOT FOUND',
      '10.0.1.5:9100 is up but has no metrics there (404); expected it to be up',
      "Set 'application.metricsPath' to where the application serves its metrics, then 'cloudops monitoring configure'.",
    ],
    [
      'server returned HTTP status 500 INTERNAL SERVER ERROR',
      '10.0.1.5:9100 answered the scrape with 500; expected it to be up',
      'Look at the log of the Node Exporter on the host.',
    ],
    [
      'received unsupported Content-Type "text/html; charset=utf-8" and no fallback_scrape_protocol specified for target',
      '10.0.1.5:9100 sends its metrics with a Content-Type that Prometheus 3 refuses (received unsupported Content-Type "text/html; charset=utf-8" and no fallback_scrape_protocol specified for target); expected it to be up',
      "Have the application send 'text/plain; version=0.0.4; charset=utf-8'.",
    ],
  ];
  it.each(cases)('explains %s', async (lastError, message, hint) => {
    const page = (lastScrape: string) => targetsPage([{ ...up, health: 'down', lastError, lastScrape }]);
    const prometheus = await serve({ '/api/v1/targets': page('before') });
    setTimeout(() => prometheus.pages.set('/api/v1/targets', page('after')), 40);
    expect(await one(prometheusTargets([node], prometheusAt(prometheus.port), patience)[0]!)).toEqual({
      id: 'prometheus.targets',
      target: 'node/monitoring',
      status: 'fail',
      message,
      hint,
    });
  });

  it('waits for the next scrape of one that was down', async () => {
    const prometheus = await serve({
      '/api/v1/targets': targetsPage([{ ...up, health: 'down', lastScrape: 'before' }]),
    });
    setTimeout(
      () => prometheus.pages.set('/api/v1/targets', targetsPage([{ ...up, lastScrape: 'after' }])),
      60,
    );
    expect((await one(prometheusTargets([node], prometheusAt(prometheus.port), patience)[0]!)).status).toBe(
      'pass',
    );
  });

  it('waits for a first scrape, and fails when none comes', async () => {
    const prometheus = await serve({ '/api/v1/targets': targetsPage([{ ...up, health: 'unknown' }]) });
    const probe = prometheusTargets([node], prometheusAt(prometheus.port), patience)[0]!;
    expect((await one(probe)).message).toContain('10.0.1.5:9100 has not been scraped yet');
    setTimeout(() => prometheus.pages.set('/api/v1/targets', targetsPage([up])), 60);
    expect((await one(probe)).status).toBe('pass');
  });

  it('fails for one that Prometheus does not know', async () => {
    const { port } = await serve({
      '/api/v1/targets': targetsPage([{ job: 'node', instance: '10.9.9.9:9100' }]),
    });
    expect(await one(prometheusTargets([node], prometheusAt(port), patience)[0]!)).toMatchObject({
      status: 'fail',
      message: "Prometheus has no target 10.0.1.5:9100 in job 'node'; expected it to be scraped",
    });
  });

  it('is skipped when Prometheus itself is down: that has a check of its own', async () => {
    const prometheus = prometheusAt(await freePort(), () => Promise.resolve(fakeHost()));
    expect(await one(prometheusTargets([node], prometheus, patience)[0]!)).toMatchObject({
      status: 'skip',
      message: 'needs Prometheus to answer',
    });
  });
});

describe('prometheus.rules', () => {
  const wanted = { alerts: ['InstanceDown', 'HighCPUUsage'], meta: ['Watchdog'] };
  const names = [...wanted.alerts, ...wanted.meta];
  const check = async (page: Page) => {
    const { port } = await serve({ '/api/v1/rules': page });
    return one(prometheusRules('monitoring', wanted, prometheusAt(port), patience));
  };

  it('passes, whatever fires', async () => {
    expect(await check(rulesPage(names.map((name) => ({ name }))))).toMatchObject({
      status: 'pass',
      message: '2 rules and 1 on the monitoring itself loaded, none firing',
    });
    const firing = rulesPage([
      { name: 'InstanceDown', state: 'firing' },
      { name: 'HighCPUUsage' },
      { name: 'Watchdog', state: 'firing' },
    ]);
    expect(await check(firing)).toMatchObject({
      status: 'pass',
      message: '2 rules and 1 on the monitoring itself loaded, firing: InstanceDown',
    });
  });

  it('names what is missing and what is sick', async () => {
    const page = rulesPage([
      { name: 'InstanceDown', health: 'err', lastError: 'many-to-many matching' },
      { name: 'Watchdog' },
    ]);
    expect(await check(page)).toMatchObject({
      status: 'fail',
      message:
        'missing: HighCPUUsage; InstanceDown is err (many-to-many matching); expected 2 rules and 1 on the monitoring itself, each healthy',
      hint: expect.stringContaining('cloudops monitoring configure'),
    });
  });

  it('fails when only a rule on the monitoring itself is missing or sick', async () => {
    const seven = wanted.alerts.map((name) => ({ name }));
    expect(await check(rulesPage(seven))).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/^missing: Watchdog;/),
    });
    const sick = rulesPage([...seven, { name: 'Watchdog', health: 'err', lastError: 'boom' }]);
    expect(await check(sick)).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/^Watchdog is err \(boom\);/),
    });
  });

  it('waits for the first evaluation', async () => {
    const prometheus = await serve({
      '/api/v1/rules': rulesPage(names.map((name) => ({ name, health: 'unknown' as const }))),
    });
    setTimeout(() => prometheus.pages.set('/api/v1/rules', rulesPage(names.map((name) => ({ name })))), 60);
    expect(
      (await one(prometheusRules('monitoring', wanted, prometheusAt(prometheus.port), patience))).status,
    ).toBe('pass');
  });

  it('fails when something else answers', async () => {
    expect(await check({ body: '<html>' })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('not as Prometheus does'),
    });
  });
});

describe('application', () => {
  const pages = { '/': { body: 'hello' }, '/status': { body: '{}' }, '/metrics': applicationMetrics };
  const facts = { host: 'application-1', metricsPath: '/metrics', kind: 'placeholder' } as const;
  const probes = (port: number, more = {}) =>
    applicationProbes(
      { ...facts, ...more },
      service({ name: 'the application', address: '127.0.0.1', port, host: noSsh }),
    );

  it('passes', async () => {
    const { port } = await serve(pages);
    expect((await run(probes(port))).map(({ id, status, message }) => [id, status, message])).toEqual([
      ['application.index', 'pass', '/ answers 200'],
      ['application.status', 'pass', '/status answers 200'],
      ['application.metrics', 'pass', '2 metric families'],
    ]);
  });

  it("asks one that isn't ours for its metrics only", async () => {
    const { port } = await serve({ '/custom': applicationMetrics });
    const checks = await run(probes(port, { kind: 'foreign', metricsPath: '/custom' }));
    expect(checks.map(({ id, status }) => [id, status])).toEqual([['application.metrics', 'pass']]);
  });

  it("leaves the pages of the team's container to the team, but not whether it can be scraped", async () => {
    const metrics = { type: 'text/plain; version=0.0.4', body: '# TYPE mine counter\nmine 1\n' };
    const { port } = await serve({ '/custom': metrics });
    const own = { kind: 'container', metricsPath: '/custom' };
    expect((await run(probes(port, own))).map(({ id, status, message }) => [id, status, message])).toEqual([
      ['application.index', 'skip', expect.stringContaining("'application.image'")],
      ['application.status', 'skip', expect.stringContaining("'application.image'")],
      [
        'application.metrics',
        'pass',
        expect.stringMatching(/^1 metric families, without flask_requests.*can't fire$/),
      ],
    ]);
    const elsewhere = await run(probes(port, { kind: 'container' }));
    expect(elsewhere.at(-1)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('/metrics answers 404'),
    });
  });

  it.each([
    [
      'a broken page',
      { ...pages, '/status': { status: 500, body: '' } },
      'application.status',
      /\/status answers 500; expected 200/,
    ],
    [
      'no metrics',
      { '/': { body: '' }, '/status': { body: '' } },
      'application.metrics',
      /\/metrics answers 404; expected 200 with metrics/,
    ],
    [
      'the wrong type',
      { ...pages, '/metrics': { ...applicationMetrics, type: 'text/html; charset=utf-8' } },
      'application.metrics',
      /has the Content-Type 'text\/html; charset=utf-8', with which Prometheus 3 refuses it; expected 'text\/plain; version=0.0.4/,
    ],
    [
      'a missing family',
      { ...pages, '/metrics': { ...applicationMetrics, body: '# TYPE flask_requests_total counter\n' } },
      'application.metrics',
      /lacks flask_request_duration_seconds;/,
    ],
    [
      'no bucket at 1.0',
      {
        ...pages,
        '/metrics': { ...applicationMetrics, body: applicationMetrics.body.replace('le="1.0"', 'le="0.9"') },
      },
      'application.metrics',
      /has no bucket at 1.0/,
    ],
  ] as const)('fails for %s', async (_, changed, id, message) => {
    const { port } = await serve(changed);
    const failed = (await run(probes(port))).filter(({ status }) => status === 'fail');
    expect(failed.map((check) => check.id)).toEqual([id]);
    expect(failed[0]?.message).toMatch(message);
    expect(failed[0]?.hint).not.toBe('');
  });
});

describe('node-exporter.metrics', () => {
  it('asks all from the monitoring host in one round trip', async () => {
    const good = await serve({ '/metrics': exporterMetrics });
    const poor = await serve({ '/metrics': { body: '# TYPE node_load1 gauge\n' } });
    const gone = await freePort();
    const host = fakeHost({ name: 'monitoring' });
    const checks = await run(
      nodeExporters(
        () => Promise.resolve(host),
        [good.port, poor.port, gone].map((port, index) => ({
          host: `host-${index}`,
          address: `127.0.0.1:${port}`,
        })),
      ),
    );
    expect(checks.map(({ target, status, message }) => [target, status, message])).toEqual([
      ['host-0', 'pass', '8 metric families'],
      [
        'host-1',
        'fail',
        `127.0.0.1:${poor.port} lacks ${machineMetrics.join(', ')}, node_network_receive_bytes_total; expected metrics of the machine`,
      ],
      [
        'host-2',
        'fail',
        `127.0.0.1:${gone}, asked by the monitoring host, refuses the connection: the machine is up, but nothing listens there; expected metrics of the machine`,
      ],
    ]);
    expect(host.trips).toHaveLength(1);
  });
});

describe('hosts.ssh', () => {
  const record: HostRecord = {
    name: 'application-1',
    role: 'application',
    address: '203.0.113.9',
    privateAddress: '10.0.2.7',
    instanceId: 'i-1',
  };
  const answering = (stdout: string) => () =>
    Promise.resolve({ exec: () => Promise.resolve({ code: 0, stdout }) });

  it('passes for root, fails for anybody else', async () => {
    expect(await one(ssh(record, answering('0\n')))).toMatchObject({
      status: 'pass',
      message: 'logged in to 203.0.113.9',
    });
    expect(await one(ssh(record, answering('1000\n')))).toMatchObject({
      status: 'fail',
      message: 'logged in, but scripts run as user 1000; expected root, by sudo without a password',
    });
  });

  it("fails with the connection's own words", async () => {
    const error = new CloudopsError({
      code: 'SSH_UNREACHABLE',
      what: "Can't reach application-1.",
      why: 'Port 22 is silent.',
      fix: ['Check the group.'],
    });
    expect(await one(ssh(record, () => Promise.reject(error)))).toMatchObject({
      status: 'fail',
      message: "Can't reach application-1. Port 22 is silent.",
      hint: 'Check the group.',
    });
  });
});

describe('infra', () => {
  const host = (name: string, role: HostRecord['role'], address?: string): HostRecord => ({
    name,
    role,
    address,
    privateAddress: undefined,
    instanceId: 'i-1',
  });
  const monitoring = host('monitoring', 'monitoring', '203.0.113.1');

  it('counts running instances by role', async () => {
    const all = [monitoring, host('application-1', 'application', '203.0.113.2')];
    expect(await one(instancesRunning('demo-dev', all, { applications: 1 }))).toMatchObject({
      status: 'pass',
      message: '2 running',
    });
    const stopped = [monitoring, host('application-1', 'application')];
    expect(await one(instancesRunning('demo-dev', stopped, { applications: 1 }))).toMatchObject({
      status: 'fail',
      message:
        '1 monitoring and 0 application hosts run; without an address: application-1; expected 1 and 1',
    });
  });

  it('fails when the plan has something to do', async () => {
    expect(await one(planEmpty('demo-dev', () => Promise.resolve([])))).toMatchObject({ status: 'pass' });
    const changes = [{ action: 'update', address: 'security-group/web' }];
    expect(await one(planEmpty('demo-dev', () => Promise.resolve(changes)))).toMatchObject({
      status: 'fail',
      message: '1 to change: update security-group/web; expected nothing to change',
    });
  });
});

const folder = { uid: 'cloudops', title: 'CloudOps' };

describe('grafana', () => {
  const file = parseDashboard('demo.json', JSON.stringify({ uid: 'demo', title: 'Demo', panels: [] }));

  async function started() {
    const fake = await startFakeGrafana();
    closing.push(() => fake.close());
    fake.state.folders.set(folder.uid, folder.title);
    const api = grafana(fake.transport());
    const checks = () => run(grafanaProbes('monitoring', () => Promise.resolve(api), [file]));
    return { fake, api, checks };
  }

  it('passes', async () => {
    const { api, checks } = await started();
    await uploadDashboard(api, file, { folder, overwrite: false });
    expect((await checks()).map(({ id, target, status, message }) => [id, target, status, message])).toEqual([
      ['grafana.health', 'monitoring', 'pass', 'Grafana is healthy, version 12.4.11'],
      ['grafana.datasource', 'monitoring', 'pass', "data source 'Prometheus' works"],
      ['dashboards.uploaded', 'demo', 'pass', "'Demo' is as the file has it"],
    ]);
  });

  it('fails for a sick database, a broken data source, an absent and an edited dashboard', async () => {
    const { fake, api, checks } = await started();
    fake.state.database = 'failing';
    Object.assign(fake.state.dataSources.get('prometheus')!, {
      healthy: false,
      message: 'plugin not registered',
    });
    expect((await checks()).map(({ status, message, hint }) => [status, message, hint])).toEqual([
      [
        'fail',
        "Grafana isn't healthy: it answered 503, database failing; expected a healthy database",
        expect.stringContaining('journalctl'),
      ],
      [
        'fail',
        "data source 'Prometheus' doesn't work: plugin not registered; expected Grafana to reach Prometheus",
        expect.stringContaining('plugin'),
      ],
      ['fail', "'Demo' is not in Grafana; expected it to be there", "Run 'cloudops dashboards upload'."],
    ]);
    fake.state.dataSources.clear();
    await uploadDashboard(api, file, { folder, overwrite: false });
    fake.state.edit('demo', { title: 'Mine' });
    expect((await checks()).slice(1).map(({ message }) => message)).toEqual([
      "there is no data source; expected one with uid 'prometheus'",
      "'Demo' differs from the file; expected both to be equal",
    ]);
  });

  it('fails once where it cannot be asked', async () => {
    const broken = new CloudopsError({ code: 'GRAFANA_NO_PASSWORD', what: 'No password.', fix: ['Do it.'] });
    const checks = await run(grafanaProbes('monitoring', () => Promise.reject(broken), [file]));
    expect(checks.map(({ id, status, message }) => `${status} ${id}: ${message}`)).toEqual([
      'fail grafana.health: No password.',
      'skip grafana.datasource: needs Grafana on monitoring',
      'skip dashboards.uploaded: needs Grafana on monitoring',
    ]);
  });

  it('is skipped, with the reason said once, where there is none', async () => {
    const probes = grafanaProbes(
      'monitoring',
      () => Promise.resolve({ skipped: 'the release could not be fetched' }),
      [file],
    );
    const checks = await run(probes);
    expect(checks.map(({ id, status, message }) => `${status} ${id}: ${message}`)).toEqual([
      'skip grafana.health: not installed: the release could not be fetched',
      'skip grafana.datasource: needs Grafana on monitoring',
      'skip dashboards.uploaded: needs Grafana on monitoring',
    ]);
  });
});
