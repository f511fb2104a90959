import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configureMonitoring, type Configured } from '../../src/operations/configure-monitoring.js';
import {
  alertmanagerTemplates,
  newerPrograms,
  ownPrograms,
  releaseArchive,
  versionOf,
} from '../support/artifacts.js';
import { releaseMirror, type ReleaseMirror } from '../support/release-mirror.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { expectSoon } from '../support/soon.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

/** Prometheus and what it talks to, as one suite of Debian has them. */
interface Generation {
  readonly bin: string;
  readonly prometheus: string;
  readonly nodeExporter: string;
  readonly alertmanager: string;
}

const products = ['prometheus', 'nodeExporter', 'alertmanager'] as const;

const generation = (bin: string): Generation => ({
  bin,
  prometheus: versionOf(join(bin, 'prometheus')),
  nodeExporter: versionOf(join(bin, 'prometheus-node-exporter')),
  alertmanager: versionOf(join(bin, 'prometheus-alertmanager')),
});

const ready = hasDocker();
const generations = ready ? [ownPrograms(), ...newerPrograms()].map(generation) : [];

describeWith('Docker', ready)('what is rendered, on every Prometheus that Debian has', () => {
  let machines: TwoMachines;
  let mirror: ReleaseMirror;
  const on = async (script: string): Promise<string> =>
    (await machines.exec('monitoring', script)).stdout.trim();
  const ask = async <T>(path: string, password = ''): Promise<T> => {
    const headers = { authorization: `Basic ${Buffer.from(`cloudops:${password}`).toString('base64')}` };
    return ((await (await fetch(`http://10.232.0.10:9090${path}`, { headers })).json()) as { data: T }).data;
  };
  const run = (
    { prometheus, nodeExporter, alertmanager }: Generation,
    basicAuth = false,
  ): Promise<Configured> => {
    const context = machines.context({
      artifacts: { mirror: mirror.url },
      versions: { prometheus, nodeExporter, alertmanager },
      monitoring: { runtime: 'native', prometheus: { basicAuth, scrapeInterval: '5s' } },
      alerting: { receivers: [{ type: 'webhook', urlFile: join(machines.stateDir, 'hook') }] },
    });
    return configureMonitoring(context, { hosts: machines.records, noGrafana: true });
  };

  beforeAll(async () => {
    machines = await twoMachines(232);
    writeFileSync(join(machines.stateDir, 'hook'), 'http://127.0.0.1:1/hook\n');
    const archives = generations.flatMap((one) =>
      products.map((product) => releaseArchive(product, one[product], one.bin)),
    );
    mirror = await releaseMirror('10.232.0.1', archives);
    await on(alertmanagerTemplates(generations.at(-1)?.bin));
  }, 300_000);
  afterAll(async () => {
    await mirror.close();
    await machines.close();
  }, 60_000);

  /** `work` while the programs' file system has no room for another version. */
  const withoutRoom = async (work: () => Promise<void>): Promise<void> => {
    const [home, kept] = ['/opt/cloudops', '/var/tmp/kept'];
    const size = `$(( $(du -sm ${home} | cut -f 1) + 30 ))m`;
    await on(
      `cp -a ${home} ${kept}; mount -t tmpfs -o size=${size},mode=755 none ${home}; cp -a ${kept}/. ${home}; rm -r ${kept}`,
    );
    await work();
    await on(`umount ${home}`);
  };

  // Each over the one before: also an upgrade in place, data and all.
  describe.each(generations)('Prometheus $prometheus', (versions) => {
    it('takes it and scrapes every target', async () => {
      expect(broken(await run(versions))).toEqual([]);
      expect((await ask<{ version: string }>('/api/v1/status/buildinfo')).version).toMatch(
        new RegExp(`^${versions.prometheus.replaceAll('.', '\\.')}`),
      );
      await expectSoon(async () => {
        type Targets = { activeTargets: { scrapePool: string; health: string; lastError: string }[] };
        const { activeTargets } = await ask<Targets>('/api/v1/targets');
        const seen = activeTargets.map((one) => `${one.scrapePool} ${one.health} ${one.lastError}`);
        const pools = ['flask-app', 'node', 'node', 'prometheus'];
        expect(seen.sort()).toEqual(pools.map((pool) => `${pool} up `));
      });
    }, 300_000);

    it('has every rule healthy, and an Alertmanager to tell', async () => {
      await expectSoon(async () => {
        type Rules = { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
        const rules = (await ask<Rules>('/api/v1/rules')).groups.flatMap((group) => group.rules);
        expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
        expect(rules.length).toBeGreaterThanOrEqual(14);
        type Managers = { activeAlertmanagers: unknown[] };
        expect((await ask<Managers>('/api/v1/alertmanagers')).activeAlertmanagers).toHaveLength(1);
      });
    }, 60_000);

    it('asks for a login when told to, and itself with it; and is open again', async () => {
      expect(broken(await run(versions, true))).toEqual([]);
      const password = readFileSync(join(machines.stateDir, 'prometheus-password'), 'utf8').trim();
      expect((await fetch('http://10.232.0.10:9090/-/ready')).status).toBe(401);
      const since = new Date().toISOString();
      await expectSoon(async () => {
        type Targets = { activeTargets: { scrapePool: string; health: string; lastScrape: string }[] };
        const { activeTargets } = await ask<Targets>('/api/v1/targets', password);
        const own = activeTargets.find(({ scrapePool }) => scrapePool === 'prometheus');
        expect([own?.health, (own?.lastScrape ?? '') > since]).toEqual(['up', true]);
      });
      expect((await run(versions, true)).result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
      expect(broken(await run(versions))).toEqual([]);
      expect((await fetch('http://10.232.0.10:9090/-/ready')).status).toBe(200);
    }, 120_000);

    it('runs these versions, warns of nothing that is rendered, and has nothing to do again', async () => {
      const seen = await on(
        '/opt/cloudops/bin/node_exporter --version 2>&1; /opt/cloudops/bin/alertmanager --version 2>&1; journalctl _PID=$(systemctl show -p MainPID --value prometheus) -o cat --no-pager',
      );
      expect(seen).toContain(`node_exporter, version ${versions.nodeExporter}`);
      expect(seen).toContain(`alertmanager, version ${versions.alertmanager}`);
      expect(seen).toMatch(/Server is ready to receive web requests/);
      expect(seen.split('\n').filter((line) => /level=(warn|error)|deprecated/i.test(line))).toEqual([]);
      expect((await run(versions)).result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
    }, 60_000);
  });

  // Without another version there is nothing to find no room for.
  (generations.length > 1 ? it : it.skip)(
    'runs on, also after a restart, where a full disk has no room for another',
    async () => {
      const [last, other] = [generations.at(-1)!, generations[0]!];
      await withoutRoom(async () => {
        const full = await run({ ...last, prometheus: other.prometheus });
        expect(broken(full)).toEqual([expect.stringMatching(/^monitoring prometheus: There is no room/)]);
        await on('systemctl restart prometheus');
        await expectSoon(async () => {
          const { version } = await ask<{ version: string }>('/api/v1/status/buildinfo');
          expect(version).toContain(last.prometheus);
        });
        expect((await run(last)).result.changed).toBe(0);
      });
    },
    120_000,
  );
});
