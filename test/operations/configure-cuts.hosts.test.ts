import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Connect } from '../../src/hosts/host.js';
import { configureMonitoring, type Configured } from '../../src/operations/configure-monitoring.js';
import { removeMonitoring } from '../../src/operations/remove-monitoring.js';
import { alertmanagerTemplates, releaseArchive, writeBundle } from '../support/artifacts.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { runCli } from '../support/run-cli.js';
import { shears } from '../support/severed-host.js';
import { expectSoon } from '../support/soon.js';
import { cableTo, type Cable } from './cable.js';
import { broken, failedWith, twoMachines, type TwoMachines } from './machines.js';

const products = [
  ['nodeExporter', '1.12.1'],
  ['prometheus', '3.13.5'],
  ['alertmanager', '0.34.0'],
  ['grafana', '12.4.11'],
] as const;

describeWith('Docker', hasDocker())('a first run that is cut off, on both hosts, with every role', () => {
  const names = ['monitoring', 'application-1'];
  let cable: Cable;
  let machines: TwoMachines;
  const file = (name: string): string => join(machines.stateDir, name);
  const config = () => ({
    monitoring: { runtime: 'native', prometheus: { scrapeInterval: '5s' } },
    alerting: { receivers: [{ type: 'webhook', urlFile: file('hook') }] },
  });
  const on = async (name: string, script: string): Promise<string> =>
    (await machines.exec(name, script)).stdout.trim();
  const run = (connect: Connect): Promise<Configured> =>
    configureMonitoring(
      { ...machines.context(config()), connect },
      { hosts: machines.records, bundle: file('bundle') },
    );

  beforeAll(async () => {
    machines = await twoMachines(231);
    await on('monitoring', alertmanagerTemplates());
    writeFileSync(file('hook'), 'http://127.0.0.1:1/hook\n');
    writeFileSync(file('cloudops.yaml'), JSON.stringify(config()));
    cable = await cableTo(machines);
    const files = products.map(([name, version]) => {
      const { name: path, bytes } = releaseArchive(name, version);
      return { artifact: { kind: 'archive' as const, name, version, file: path }, bytes };
    });
    writeBundle(file('bundle'), files);
  }, 300_000);
  afterAll(async () => {
    await cable.close();
    await machines.close();
  }, 60_000);

  it('at any step, in its middle or before its answer: each run goes on where the one before was', async () => {
    // Of a host that was switched off in the middle of something, long ago.
    const old = '/opt/cloudops/.cloudops.0ld';
    await on('monitoring', `umask 022; mkdir -p ${old} && touch -d '2 hours ago' ${old}`);
    const severed = new Map<string, number>();
    const seen = new Set<string>();
    const rebooting: Promise<void>[] = [];
    let [runs, cuts] = [0, 0];
    /** The cable, and now and then the whole machine. */
    const cutOff = (name: string): void => {
      cable.cut(name);
      if ((cuts += 1) % 5 === 0) rebooting.push(machines.reboot(name));
    };
    for (let cut = true; cut; runs += 1) {
      expect(runs).toBeLessThan(80);
      const tools = shears(cable.connect, cutOff, severed);
      const configured = await run(tools.connect);
      cut = tools.cut;
      for (const failure of failedWith('SSH_CONNECTION_LOST', configured)) seen.add(failure);
      await Promise.all(rebooting);
    }
    process.stderr.write(
      `${String(severed.size)} scripts cut in ${String(runs)} runs, ${String(rebooting.length)} reboots\n`,
    );
    // Nothing failed but the connection, and every step that changes something was met, on both hosts.
    expect([...seen]).toEqual(['SSH_CONNECTION_LOST']);
    const scripts = [...severed.keys()].join('\n');
    for (const step of [
      'apt-get install',
      'node_exporter',
      'prometheus.yml',
      'alertmanager',
      'grafana',
      'app.py',
    ])
      expect([step, scripts.includes(step)]).toEqual([step, true]);
    expect(severed.size).toBeGreaterThan(10);
  }, 300_000);

  it('ends where one that was not would have: all serves, nothing is half-written, nothing is left to do', async () => {
    await expectConverged();
  }, 60_000);

  /** One run may have something left to do, a second not. */
  const expectConverged = async (): Promise<void> => {
    expect(broken(await run(cable.connect))).toEqual([]);
    const again = await run(cable.connect);
    expect([broken(again), again.result.hosts.flatMap(({ changed }) => changed)]).toEqual([[], []]);
    for (const name of names) {
      expect(await on(name, 'find / -xdev -name "*.cloudops*" -not -path "/proc/*"')).toBe('');
      expect(await on(name, 'systemctl --failed --plain --no-legend; dpkg --audit')).toBe('');
    }
    const rules = '/opt/cloudops/bin/promtool check config /etc/prometheus/prometheus.yml | grep -c SUCCESS';
    expect(await on('monitoring', rules)).not.toBe('0');
    await expectSoon(async () => {
      const { data } = (await (await fetch('http://10.231.0.10:9090/api/v1/targets')).json()) as {
        data: { activeTargets: { health: string }[] };
      };
      expect(data.activeTargets.map(({ health }) => health)).toEqual(Array(4).fill('up'));
    });
    expect((await fetch('http://10.231.0.10:3001/api/health')).status).toBe(200);
    expect((await fetch('http://10.231.0.11:3000/status')).status).toBe(200);
  };

  it('is gone without a trace after a removal with its data, and heals from kill -9 of cloudops itself', async () => {
    const { report } = await removeMonitoring(machines.context(config()), {
      hosts: machines.records,
      purge: true,
    });
    expect(broken({ report })).toEqual([]);
    await on('application-1', 'apt-get purge -y -qq gunicorn python3-flask python3-prometheus-client');
    const left =
      'ls -d /opt/cloudops* /etc/cloudops /etc/alertmanager /etc/grafana /var/lib/grafana /var/lib/alertmanager /var/lib/prometheus/data /var/lib/cloudops/archives /etc/prometheus/*.yml /etc/systemd/system/*.service.d/50-cloudops.conf 2>/dev/null; ss -Htln | grep -E ":(3000|3001|9090|9093|9100) "';
    for (const name of names) expect([name, await on(name, left)]).toEqual([name, '']);
    const words = ['monitoring', 'configure', '10.231.0.10', '10.231.0.11', '--bundle', file('bundle')];
    const args = [...words, '--yes', '--json', '--ssh-key', file('id_ed25519'), '--accept-new-host-key'];
    // While an archive is sent and packages are installed; then wherever it is by then.
    const unpacking =
      'for i in $(seq 300); do ls -d /opt/cloudops/.cloudops.* 2>/dev/null && break; sleep 0.1; done';
    for (const sign of [unpacking, 'sleep 1.5', 'sleep 3']) {
      let ended = false;
      const { code, stdout } = await runCli(args, {
        cwd: machines.stateDir,
        onStart: (kill) => void on('monitoring', sign).then(() => ended || kill('SIGKILL')),
      });
      ended = true;
      if (sign === unpacking) expect([code, stdout]).toEqual([null, '']);
    }
    await expectConverged();
  }, 200_000);
});
