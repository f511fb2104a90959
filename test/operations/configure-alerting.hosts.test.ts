import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { twoMachines, type TwoMachines } from './machines.js';

interface Told {
  readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

describeWith('Docker', hasDocker())('Alertmanager on a real host', () => {
  let machines: TwoMachines;
  let server: Server;
  const told: string[] = [];
  const file = (name: string): string => join(machines.stateDir, name);
  const receivers = () => [
    { type: 'webhook', urlFile: file('webhook') },
    { type: 'slack', urlFile: file('slack'), channel: '#ops' },
    {
      type: 'email',
      to: 'ops@example.org',
      from: 'mon@example.org',
      smarthost: '127.0.0.1:1',
      username: 'mon',
      passwordFile: file('mail'),
    },
    { type: 'pagerduty', routingKeyFile: file('pager') },
  ];
  const config = (given: readonly object[] = receivers()): object => ({
    alerting: { receivers: given },
    monitoring: { prometheus: { evaluationInterval: '5s' } },
    alerts: { flaskAppDown: { for: '5s' } },
  });
  const on = async (script: string): Promise<string> =>
    (await machines.exec('monitoring', script)).stdout.trim();
  const hosts = () => ({ hosts: [machines.records[0]!], noGrafana: true });

  beforeAll(async () => {
    machines = await twoMachines(182);
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += String(chunk)));
      request.on('end', () => {
        const { alerts } = JSON.parse(text) as Told;
        told.push(...alerts.map(({ labels }) => `${request.url ?? ''} ${labels['alertname'] ?? ''}`));
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '10.182.0.1', resolve));
    writeFileSync(
      file('webhook'),
      `http://10.182.0.1:${String((server.address() as AddressInfo).port)}/hook-4711\n`,
    );
    writeFileSync(file('slack'), 'http://127.0.0.1:1/services/slack-4712\n');
    writeFileSync(file('mail'), 'mail-4713\n');
    writeFileSync(file('pager'), 'pager-4714\n');
  }, 300_000);
  afterAll(async () => {
    server.close();
    await machines.close();
  }, 60_000);

  it('stops before anything is touched when a secret cannot be read', async () => {
    machines.trips.length = 0;
    const bad = machines.context(config([{ type: 'pagerduty', routingKeyFile: file('nowhere') }]));
    await expect(configureMonitoring(bad, hosts())).rejects.toMatchObject({
      code: 'RECEIVER_SECRET_UNREADABLE',
      exitCode: 2,
    });
    expect(machines.trips).toEqual([]);
  });

  it('tells every receiver, accepted by amtool, on loopback, and keeps its secrets', async () => {
    const { report } = await configureMonitoring(machines.context(config()), hosts());
    expect(report.results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(await on('amtool check-config /etc/alertmanager/alertmanager.yml | grep -c SUCCESS')).toBe('1');
    expect(await on('ss -Htln | grep -c "127.0.0.1:9093 "; ss -Htln | grep -c ":9094 "')).toBe('1\n0');
    expect(await on('stat -c "%a %U" /etc/alertmanager/*')).toBe(Array(4).fill('600 prometheus').join('\n'));
    const shown = `${await on('systemctl show prometheus-alertmanager; journalctl --no-pager; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr "\\0" " "')}${JSON.stringify(machines.events)}`;
    expect(shown).not.toMatch(/-471[1-4]/);
  }, 300_000);

  it('hands an alert to the webhook, and never the Watchdog', async () => {
    for (const end = Date.now() + 100_000; told.length === 0 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 500));
    expect(new Set(told)).toEqual(new Set(['/hook-4711 FlaskAppDown']));
  }, 120_000);

  it('has nothing to do the second time, and shows no secret in a diff', async () => {
    const again = await configureMonitoring(machines.context(config()), hosts());
    expect(again.result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    const fewer = machines.context(config(receivers().slice(0, 2)));
    const { result } = await configureMonitoring(fewer, { ...hosts(), check: true, diff: true });
    expect(result.changed).toBeGreaterThan(0);
    expect(JSON.stringify(result)).not.toMatch(/-471[1-4]/);
  }, 60_000);

  it('goes when there are no receivers any more', async () => {
    const { report } = await configureMonitoring(machines.context(), hosts());
    expect(report.ok).toBe(true);
    expect(
      await on(
        'systemctl is-active prometheus-alertmanager; curl -s http://127.0.0.1:9090/api/v1/alertmanagers',
      ),
    ).toMatch(/^inactive\n.*"activeAlertmanagers":\[\]/);
    expect((await configureMonitoring(machines.context(), hosts())).result.changed).toBe(0);
  }, 90_000);
});
