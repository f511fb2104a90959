import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { configureMonitoring } from '../../src/operations/configure-monitoring.js';
import { createBundle } from '../../src/operations/create-bundle.js';
import { openBundle } from '../../src/operations/open-bundle.js';
import { releaseArchive } from '../support/artifacts.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { broken, twoMachines, type TwoMachines } from './machines.js';

/** Debian has the placeholder's packages: no pip is asked for them. */
const plain = { architectures: ['amd64'], runtime: 'native', python: 'none' } as const;

describeWith('Docker', hasDocker())("publishers' archives on real hosts", () => {
  let machines: TwoMachines;
  let mirror: Server;
  const asked: string[] = [];
  const files = new Map<string, Buffer | string>();
  const config = (): object => ({
    artifacts: { mirror: `http://10.180.0.1:${String((mirror.address() as AddressInfo).port)}` },
    monitoring: { runtime: 'native' },
  });
  const directory = (): string => join(machines.stateDir, 'bundle');
  const on = async (script: string): Promise<string> =>
    (await machines.exec('monitoring', script)).stdout.trim();

  beforeAll(async () => {
    machines = await twoMachines(180);
    for (const [product, version] of [
      ['prometheus', '3.13.5'],
      ['nodeExporter', '1.12.1'],
      ['grafana', '12.4.11'],
      ['prometheus', '3.13.4'],
    ] as const) {
      const { name, bytes } = releaseArchive(product, version);
      files.set(`/${name}`, bytes);
      files.set(`/${name}.sha256`, `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
    }
    mirror = createServer((request, response) => {
      const found = files.get(request.url ?? '');
      asked.push(`${request.socket.remoteAddress ?? ''} ${request.url ?? ''}`);
      if (found === undefined) response.writeHead(404).end();
      else response.end(found);
    });
    await new Promise<void>((resolve) => mirror.listen(0, '10.180.0.1', resolve));
  }, 300_000);
  afterAll(async () => {
    mirror.close();
    await machines.close();
  }, 60_000);

  it('are no bundle when one has the wrong checksum', async () => {
    const path = '/grafana-12.4.11.linux-amd64.tar.gz.sha256';
    const right = files.get(path) ?? '';
    files.set(path, `${'0'.repeat(64)}  x\n`);
    const options = { out: directory(), ...plain } as const;
    const { report } = await createBundle(machines.context(config()), options);
    files.set(path, right);
    expect(broken({ report })).toEqual([expect.stringMatching(/grafana.*isn't what it should be/)]);
    expect(readdirSync(directory())).not.toContain('manifest.json');
  });

  it('are fetched and proven into a bundle', async () => {
    const options = { out: directory(), ...plain } as const;
    const { report } = await createBundle(machines.context(config()), options);
    expect(broken({ report })).toEqual([]);
    const { manifest } = await openBundle(directory());
    expect(manifest.artifacts.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'nodeExporter 1.12.1',
      'prometheus 3.13.5',
      'grafana 12.4.11',
    ]);
  });

  it('come out of the bundle, over the connection: hosts ask nobody for them', async () => {
    asked.length = 0;
    const options = { hosts: machines.records, bundle: directory() };
    const configured = await configureMonitoring(machines.context(config()), options);
    expect(broken(configured)).toEqual([]);
    expect(asked).toEqual([]);
    expect(
      await on('curl -s http://127.0.0.1:9090/-/ready; ls /opt/cloudops/bin; dpkg -l prometheus | grep ^ii'),
    ).toBe('Prometheus Server is Ready.\nnode_exporter\nprometheus\npromtool');
    const again = await configureMonitoring(machines.context(config()), options);
    expect(again.result.hosts.flatMap(({ changed }) => changed)).toEqual([]);
  }, 200_000);

  it('that the bundle lacks are an error before anything is touched', async () => {
    const wanted = machines.context({ ...config(), versions: { prometheus: '3.13.4' } });
    const refused = await configureMonitoring(wanted, { hosts: [machines.records[0]!], bundle: directory() });
    expect(broken(refused)[0]).toMatch(/doesn't hold prometheus 3\.13\.4 for amd64; nothing was touched/);
  }, 60_000);

  it('are fetched by the hosts for a version that is asked for, and Prometheus runs with it', async () => {
    const pid = 'systemctl show -p MainPID --value prometheus';
    const before = await on(pid);
    const wanted = machines.context({
      ...config(),
      versions: { prometheus: '3.13.4', nodeExporter: '1.12.1' },
    });
    const configured = await configureMonitoring(wanted, { hosts: machines.records });
    expect(broken(configured)).toEqual([]);
    expect(asked).toContain('10.180.0.10 /prometheus-3.13.4.linux-amd64.tar.gz');
    expect(await on(pid)).not.toBe(before);
    const again = await configureMonitoring(wanted, { hosts: machines.records });
    expect(again.result.changed).toBe(0);
  }, 120_000);
});
