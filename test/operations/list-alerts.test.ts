import { afterEach, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import type { Context } from '../../src/operations/context.js';
import { listAlerts } from '../../src/operations/list-alerts.js';
import { startService, type FakeService } from '../support/fake-services.js';

let prometheus: FakeService | undefined;
afterEach(() => prometheus?.close());

async function context(body: string): Promise<Context> {
  prometheus = await startService({ '/api/v1/alerts': { body } });
  return {
    config: configSchema.parse({ monitoring: { prometheus: { port: prometheus.port } } }),
    stack: 'demo-dev',
    region: 'us-east-1',
    aws: () => Promise.reject(new Error('no AWS here')),
    connect: () => Promise.reject(new Error('no host needs to be logged in to')),
    on: () => undefined,
    signal: new AbortController().signal,
    sandbox: false,
    stateDir: '/nonexistent',
  };
}

const alert = (alertname: string, state: string, more: object = {}): object => ({
  labels: { alertname, severity: 'critical', component: 'cpu', ...more },
  annotations: {
    summary: `about ${alertname}`,
    description: 'long',
    runbook_url: `docs/runbooks/${alertname}.md`,
  },
  state,
  activeAt: '2026-11-23T12:00:00Z',
  value: '9.5e+01',
});
const answer = (...alerts: object[]): string => JSON.stringify({ status: 'success', data: { alerts } });

it('tells those that fire first, and the Watchdog apart', async () => {
  const body = answer(
    alert('InstanceDown', 'pending'),
    alert('Watchdog', 'firing'),
    alert('HighCPUUsage', 'firing', { host: 'application-1' }),
  );
  const listed = await listAlerts(await context(body), { monitoring: '127.0.0.1' });
  expect(listed).toMatchObject({ firing: 1, pending: 1, watchdog: true });
  expect(listed.alerts.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'HighCPUUsage firing',
    'InstanceDown pending',
  ]);
  expect(listed.alerts[0]).toEqual({
    name: 'HighCPUUsage',
    state: 'firing',
    severity: 'critical',
    component: 'cpu',
    labels: { host: 'application-1' },
    summary: 'about HighCPUUsage',
    description: 'long',
    runbook: 'docs/runbooks/HighCPUUsage.md',
    since: '2026-11-23T12:00:00Z',
    value: '9.5e+01',
  });
});

it('says when even the alert that always fires is missing', async () => {
  const listed = await listAlerts(await context(answer()), { monitoring: '127.0.0.1' });
  expect(listed).toEqual({ alerts: [], firing: 0, pending: 0, watchdog: false });
});

it('takes nothing else for Prometheus', async () => {
  await expect(listAlerts(await context('<html>'), { monitoring: '127.0.0.1' })).rejects.toMatchObject({
    code: 'PROMETHEUS_FOREIGN',
  });
});
