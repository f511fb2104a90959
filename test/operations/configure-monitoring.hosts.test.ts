import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import { listAlerts } from '../../src/operations/list-alerts.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { expectSoon } from '../support/soon.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

interface Targets {
  readonly data: {
    readonly activeTargets: readonly {
      readonly health: string;
      readonly scrapePool: string;
      readonly lastError: string;
      readonly discoveredLabels: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
    }[];
  };
}

describeWith('Docker', hasDocker())('configuring two real hosts', () => {
  let machines: TwoMachines;
  const ask = async <T>(path: string): Promise<T> =>
    (await (await fetch(`http://${machines.records[0]?.address ?? ''}:9090${path}`)).json()) as T;
  const targets = async (): Promise<Targets['data']['activeTargets']> =>
    (await ask<Targets>('/api/v1/targets')).data.activeTargets;

  beforeAll(async () => {
    machines = await twoMachines(177);
  }, 300_000);
  afterAll(async () => machines.close(), 60_000);

  it('makes a fresh pair scrape and be scraped', async () => {
    const configured = await configureMonitoring(machines.context(), { hosts: machines.records });
    expect(broken(configured)).toEqual([]);
    expect(configured.result.hosts.map(({ host, role }) => `${host} ${role}`)).toEqual([
      'monitoring packages',
      'monitoring node-exporter',
      'monitoring prometheus',
      'monitoring grafana',
      'application-1 packages',
      'application-1 node-exporter',
      'application-1 application',
    ]);
    process.stderr.write(`first run: ${String(configured.result.durationMs)} ms\n`);
    await expectSoon(async () => {
      const up = (await targets()).map(
        ({ scrapePool, labels, health }) =>
          `${scrapePool} ${labels['host'] ?? ''} ${labels['instance'] ?? ''} ${health}`,
      );
      expect(up.sort()).toEqual([
        'flask-app application-1 10.177.0.11:3000 up',
        'node application-1 10.177.0.11:9100 up',
        'node monitoring 10.177.0.10:9100 up',
        'prometheus monitoring localhost:9090 up',
      ]);
    });
  }, 300_000);

  it('says that Grafana is left out, why, and where others find it', async () => {
    const notes = machines.events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
    expect(notes).toEqual([expect.stringMatching(/^Going on without Grafana: .*dl\.grafana\.com/)]);
    const { stdout } = await machines.exec('monitoring', 'cat /etc/cloudops/grafana-skipped');
    expect(stdout).toMatch(/dl\.grafana\.com/);
  });

  it('has nothing to do the second time: one round trip a host', async () => {
    machines.trips.length = 0;
    const { result, report } = await configureMonitoring(machines.context(), { hosts: machines.records });
    expect(report.ok).toBe(true);
    expect(result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    expect(result.changed).toBe(0);
    expect(machines.trips.sort()).toEqual(['application-1', 'monitoring']);
    process.stderr.write(`second run: ${String(result.durationMs)} ms\n`);
  }, 60_000);

  it('loads the seven rules and those on the monitoring itself, all healthy', async () => {
    type Rules = {
      data: { groups: { name: string; rules: { name: string; health: string; state: string }[] }[] };
    };
    await expectSoon(async () => {
      const { groups } = (await ask<Rules>('/api/v1/rules')).data;
      const health = groups.map(({ name, rules }) => [name, rules.map((rule) => rule.health)]);
      expect(Object.fromEntries(health)).toEqual({
        cloudops: Array(7).fill('ok'),
        'cloudops-meta': Array(7).fill('ok'),
      });
      const rules = groups.flatMap((group) => group.rules);
      expect(rules.filter(({ state }) => state !== 'inactive').map(({ name }) => name)).toEqual(['Watchdog']);
    });
  }, 60_000);

  it('scrapes no address twice', async () => {
    const addresses = (await targets()).map(({ discoveredLabels }) => discoveredLabels['__address__']);
    expect(addresses.length).toBe(4);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('tells what fires', async () => {
    const [monitoring] = machines.records;
    const listed = await listAlerts(machines.context(), { monitoring: monitoring?.address });
    expect(listed).toEqual({ alerts: [], firing: 0, pending: 0, watchdog: true });
  }, 60_000);

  it('sees real file systems as writable from inside the hardened exporter', async () => {
    type Answer = { data: { result: { metric: Record<string, string>; value: [number, string] }[] } };
    const { data } = await ask<Answer>('/api/v1/query?query=node_filesystem_readonly');
    expect(data.result.filter(({ value }) => value[1] === '0').length).toBeGreaterThan(0);
  });

  it('shows what would change and touches nothing with check', async () => {
    const changed = machines.context({ alerts: { highCpuUsage: { above: 70 } } });
    const { result } = await configureMonitoring(changed, { hosts: machines.records, check: true });
    expect(result.hosts.flatMap((host) => host.changed)).toEqual([
      { step: 'files prometheus config', detail: '/etc/prometheus/alert-rules.yml: content differs' },
    ]);
    const diff = await configureMonitoring(changed, { hosts: machines.records, check: true, diff: true });
    const diffs = diff.result.hosts.flatMap((host) => host.diffs ?? []);
    expect(diffs.map(({ path }) => path)).toEqual(['/etc/prometheus/alert-rules.yml']);
    expect(diffs[0]?.diff).toMatch(/^-.*> 90$[^]*^\+.*> 70$/m);
    const again = await configureMonitoring(machines.context(), { hosts: machines.records, check: true });
    expect(again.result.changed).toBe(0);
  }, 60_000);

  it('changes one threshold by a reload, without a restart', async () => {
    const pid = 'systemctl show -p MainPID --value prometheus';
    const before = (await machines.exec('monitoring', pid)).stdout;
    const changed = machines.context({ alerts: { highCpuUsage: { above: 70 } } });
    const { result, report } = await configureMonitoring(changed, { hosts: machines.records });
    expect(report.ok).toBe(true);
    expect(result.hosts.flatMap((host) => host.changed).map(({ step }) => step)).toEqual([
      'files prometheus config',
    ]);
    expect(JSON.stringify(await ask('/api/v1/rules'))).toContain('[2m]))) > 70');
    expect((await machines.exec('monitoring', pid)).stdout).toBe(before);
    await configureMonitoring(machines.context(), { hosts: machines.records });
  }, 60_000);

  it('leaves the old configuration in use when promtool refuses the new one', async () => {
    const record = { ...machines.records[1]!, privateAddress: 'not an address/with a path' };
    const configured = await configureMonitoring(machines.context(), {
      hosts: [machines.records[0]!, record],
    });
    expect(broken(configured)).toEqual([
      expect.stringMatching(/^monitoring prometheus: .*not accepted.*\/etc\/prometheus/s),
    ]);
    const { stdout } = await machines.exec(
      'monitoring',
      'cat /etc/prometheus/prometheus.yml; ls -A /etc/prometheus',
    );
    expect(stdout).not.toContain('with a path');
    expect(stdout).not.toContain('.cloudops');
    const { result } = await configureMonitoring(machines.context(), { hosts: machines.records });
    expect(result.changed).toBe(0);
  }, 60_000);

  it('brings the old configuration back when Prometheus does not take the new one', async () => {
    // A promtool that accepts everything, over rules that Prometheus refuses.
    await machines.exec(
      'monitoring',
      'dpkg-divert --local --rename /usr/bin/promtool; ln -s /bin/true /usr/bin/promtool',
    );
    const record = { ...machines.records[1]!, privateAddress: 'not an address/with a path' };
    const configured = await configureMonitoring(machines.context(), {
      hosts: [machines.records[0]!, record],
    });
    await machines.exec(
      'monitoring',
      'rm /usr/bin/promtool; dpkg-divert --local --rename --remove /usr/bin/promtool',
    );
    expect(broken(configured)).toEqual([
      expect.stringMatching(/^monitoring prometheus: .*the old one is back/s),
    ]);
    const { result } = await configureMonitoring(machines.context(), { hosts: machines.records });
    expect(result.changed).toBe(0);
    await expectSoon(async () =>
      expect((await targets()).map(({ health }) => health)).toEqual(Array(4).fill('up')),
    );
  }, 90_000);
});
