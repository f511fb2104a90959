import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Connect } from '../../src/hosts/host.js';
import {
  configureMonitoring,
  type ConfigureOptions,
  type Configured,
} from '../../src/operations/configure-monitoring.js';
import { removeMonitoring } from '../../src/operations/remove-monitoring.js';
import { verify } from '../../src/operations/verify.js';
import { releaseArchive, writeBundle } from '../support/artifacts.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { expectSoon } from '../support/soon.js';
import { teamApplication, type Behaviour } from '../support/team-application.js';
import { cableTo, type Cable } from './cable.js';
import { twoMachines, type TwoMachines } from './machines.js';

const broken = ({ report }: Configured): readonly string[] =>
  report.results.flatMap((one) =>
    one.status === 'failed'
      ? [`${one.id}: ${one.error.message} ${String((one.error as { why?: string }).why)}`]
      : one.status === 'skipped'
        ? [one.id]
        : [],
  );
const steps = ({ result }: Configured): readonly string[] =>
  result.hosts.flatMap(({ changed }) => changed.map(({ step }) => step));

const token = 'hunter2-but-longer';

describeWith('Docker', hasDocker())("the team's own application on a real host", () => {
  let machines: TwoMachines;
  let cable: Cable | undefined;
  const on = async (script: string): Promise<string> =>
    (await machines.exec('application-1', script)).stdout.trim();
  const ask = async (path: string, port = 3000): Promise<string> =>
    (await fetch(`http://${machines.records[1]?.address ?? ''}:${String(port)}${path}`)).text();
  const secrets = (): string => join(machines.stateDir, 'app.env');
  const team = (tag: string, more: object = {}): object => ({
    application: {
      image: `team.example/app:${tag}`,
      containerPort: 8080,
      metricsPath: '/internal/metrics',
      environment: { GREETING: "it's $HOME 100%" },
      environmentFile: secrets(),
      ...more,
    },
  });
  const run = (config: object, more: Partial<ConfigureOptions> = {}): Promise<Configured> =>
    configureMonitoring(machines.context(config), { hosts: machines.records.slice(1), ...more });
  /** As if the host had pulled it. */
  const load = async (tag: string, behaviour?: Behaviour): Promise<void> => {
    const bytes = teamApplication(`team.example/app:${tag}`, tag, behaviour);
    const { code, stderr } = await machines.exec(
      'application-1',
      `base64 -d <<'E' | docker load -q\n${bytes.toString('base64')}\nE`,
    );
    if (code !== 0) throw new Error(stderr);
  };

  beforeAll(async () => {
    machines = await twoMachines(221, 'application');
    writeFileSync(secrets(), `# secret ones\nTOKEN=${token}\n`);
  }, 300_000);
  afterAll(async () => {
    await cable?.close();
    await machines.close();
  }, 60_000);

  it('leaves the placeholder running while its image cannot be had', async () => {
    expect(broken(await run({}))).toEqual([]);
    const failed = await run(team('1.0'));
    expect(broken(failed)).toEqual([
      expect.stringMatching(/^application-1 application: .*app:1.0 can't be pulled/),
    ]);
    expect(await ask('/status')).toContain('"ok"');
  }, 300_000);

  it('names a foreign process that has its port, and touches nothing', async () => {
    await load('1.0');
    await on('systemd-run --quiet --unit squatter python3 -m http.server 3005; sleep 1');
    const failed = await run(team('1.0', { port: 3005 }));
    expect(broken(failed)).toEqual([
      expect.stringMatching(/Port 3005 .* is taken by python3 \(process \d+, squatter\.service\)/),
    ]);
    expect(await ask('/status')).toContain('"ok"');
    expect(await on('docker ps -aq; ls /var/lib/cloudops/before; systemctl is-enabled cloudops-app')).toBe(
      'enabled',
    );
    await on('systemctl stop squatter');
  }, 120_000);

  it('gives way to the placeholder again when it does not serve', async () => {
    await load('0.9', 'ends at once');
    expect(broken(await run(team('0.9')))).toEqual([
      expect.stringMatching(
        /ended again and again\. What ran before runs again.*no database for version 0.9/s,
      ),
    ]);
    expect(await ask('/status')).toContain('"ok"');
    expect(await on('docker ps -aq; ls /var/lib/cloudops/before; systemctl is-enabled cloudops-app')).toBe(
      'enabled',
    );
    await on('docker image rm team.example/app:0.9');
  }, 120_000);

  it('takes its place, hardened, under the same unit', async () => {
    const configured = await run(team('1.0'));
    expect(broken(configured)).toEqual([]);
    expect(await ask('/internal/metrics')).toBe('team_version{version="1.0"} 1\n');
    expect(await ask('/environment')).toBe(`GREETING=it's $HOME 100%\nTOKEN=${token}\n`);
    const format =
      '{{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.RestartPolicy.Name}} {{.Config.User}} {{index .HostConfig.LogConfig.Config "max-size"}} {{gt .HostConfig.Memory 0}} {{.HostConfig.PidsLimit}} {{.HostConfig.NetworkMode}}';
    expect(await on(`docker inspect --format '${format}' cloudops-app`)).toBe(
      '[ALL] [no-new-privileges] no 1234:1234 10m true 2048 default',
    );
    expect(await on('systemctl is-active cloudops-app; systemctl is-enabled cloudops-app')).toBe(
      'active\nenabled',
    );
    expect(await on('ls /opt/cloudops-app; docker ps -a --format "{{.Names}}"; pgrep gunicorn')).toBe(
      'compose.yaml\nenvironment\ncloudops-app',
    );
  }, 120_000);

  it('has nothing to do the second time: one trip', async () => {
    machines.trips.length = 0;
    expect(steps(await run(team('1.0')))).toEqual([]);
    expect(machines.trips).toHaveLength(1);
  }, 60_000);

  it('comes back after kill -9 and after a reboot', async () => {
    const serving =
      'curl -s --retry 30 --retry-all-errors --retry-delay 1 http://127.0.0.1:3000/internal/metrics';
    await on('kill -9 $(docker inspect --format "{{.State.Pid}}" cloudops-app); sleep 1');
    expect(await on(serving)).toContain('version="1.0"');
    await on('kill -9 $(systemctl show -p MainPID --value cloudops-app); sleep 1');
    expect(await on(serving)).toContain('version="1.0"');
    expect(await on('systemctl restart docker; sleep 1;' + serving)).toContain('version="1.0"');
    await on('systemctl reboot');
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(await on(serving)).toContain('version="1.0"');
    expect(steps(await run(team('1.0')))).toEqual([]);
  }, 180_000);

  it('is checked by verify as one that is not ours', async () => {
    const context = machines.context(team('1.0'));
    const { checks } = await verify(context, { hosts: machines.records.slice(1) });
    expect(
      checks.filter(({ id }) => id.startsWith('application.')).map(({ id, status }) => [id, status]),
    ).toEqual([
      ['application.index', 'skip'],
      ['application.status', 'skip'],
      ['application.metrics', 'pass'],
    ]);
  }, 60_000);

  it('keeps its secrets out of sight', async () => {
    expect(await on('stat -c "%a %U" /opt/cloudops-app/environment')).toBe('600 root');
    writeFileSync(secrets(), `TOKEN=${token}-two\n`);
    const shown = await run(team('1.0'), { check: true, diff: true });
    expect(steps(shown)).toEqual(['file /opt/cloudops-app/environment', 'container cloudops-app']);
    expect(JSON.stringify([shown.result, machines.events])).not.toContain(token);
    const configured = await run(team('1.0'));
    expect(broken(configured)).toEqual([]);
    expect(await ask('/environment')).toContain(`TOKEN=${token}-two`);
    const seen = await on(
      'cat /opt/cloudops-app/compose.yaml /etc/systemd/system/cloudops-app.service; journalctl --no-pager; cat /proc/[0-9]*/cmdline | tr "\\0" " "; docker logs cloudops-app 2>&1',
    );
    expect(seen).toContain('team.example/app:1.0');
    expect(seen).not.toContain(token);
  }, 120_000);

  it('goes back to the old image when the new one does not serve', async () => {
    await load('1.1', 'ends at once');
    const failed = await run(team('1.1'));
    expect(broken(failed)).toEqual([
      expect.stringMatching(
        /app:1.1 .*ended again and again\. What ran before runs again.*no database for version 1.1/s,
      ),
    ]);
    expect(await ask('/internal/metrics')).toContain('version="1.0"');
    await load('1.2');
    expect(broken(await run(team('1.2')))).toEqual([]);
    expect(await ask('/internal/metrics')).toContain('version="1.2"');
    // The image before stays for a way back.
    await load('1.3');
    expect(broken(await run(team('1.3')))).toEqual([]);
    expect(await on('docker images --format "{{.Tag}}" | sort')).toBe('1.1\n1.2\n1.3');
  }, 180_000);

  it('heals what was cut off in the middle, with the last one that worked as the way back', async () => {
    await on(
      'mkdir -p /var/lib/cloudops/before/cloudops-app && cp /etc/systemd/system/cloudops-app.service /var/lib/cloudops/before/cloudops-app/unit && touch /var/lib/cloudops/before/cloudops-app/active; systemctl stop cloudops-app; docker rename cloudops-app cloudops-app-before',
    );
    expect(broken(await run(team('1.1')))).toEqual([expect.stringMatching(/What ran before runs again/)]);
    expect(await ask('/internal/metrics')).toContain('version="1.3"');
    await on('docker rename cloudops-app cloudops-app-before; systemctl stop cloudops-app');
    expect(broken(await run(team('1.3')))).toEqual([]);
    expect(await ask('/internal/metrics')).toContain('version="1.3"');
    expect(steps(await run(team('1.3')))).toEqual([]);
    expect(await on('docker ps -a --format "{{.Names}}"; ls /var/lib/cloudops/before')).toBe('cloudops-app');
  }, 180_000);

  it('comes to an end on the host when the connection breaks, and the next run goes on from there', async () => {
    const way = await cableTo(machines);
    cable = way;
    /** Cut so many milliseconds after the new container is begun with. */
    const cutAfter = async (tag: string, milliseconds: number): Promise<Configured> => {
      const connect: Connect = async (...args) => {
        const host = await way.connect(...args);
        const exec: typeof host.exec = (script, options) => {
          if (script.includes('docker create')) setTimeout(() => way.cut('application-1'), milliseconds);
          return host.exec(script, options);
        };
        return { ...host, exec };
      };
      const context = { ...machines.context(team(tag)), connect };
      return configureMonitoring(context, { hosts: machines.records.slice(1) });
    };
    let [tag, other] = ['1.2', '1.3'];
    const whole: number[] = [];
    for (const milliseconds of [30, 300, 900, 1600]) {
      // A quick machine is done before the late ones.
      if ((await cutAfter(tag, milliseconds)).report.ok) whole.push(milliseconds);
      expect(broken(await run(team(tag)))).toEqual([]);
      expect(await ask('/internal/metrics')).toContain(`version="${tag}"`);
      expect(await on('docker ps -a --format "{{.Names}}"; ls /var/lib/cloudops/before')).toBe(
        'cloudops-app',
      );
      [tag, other] = [other, tag];
    }
    expect(whole.filter((milliseconds) => milliseconds < 900)).toEqual([]);
    expect((await cutAfter('1.1', 900)).report.ok).toBe(false);
    // Nobody runs anything: the old one comes back by itself.
    await expectSoon(async () => expect(await ask('/internal/metrics')).toContain(`version="${other}"`));
    expect(broken(await run(team('1.3')))).toEqual([]);
  }, 240_000);

  it('comes out of a bundle, by digest', async () => {
    const digest = 'a'.repeat(64);
    const reference = `team.example/app:sha256-${digest}`;
    const bundle = join(machines.stateDir, 'bundle');
    const image = { kind: 'image', name: 'application', version: '2', reference, file: 'app.tar' } as const;
    writeBundle(bundle, [
      {
        artifact: image,
        bytes: teamApplication(reference, '2.0'),
      },
      {
        artifact: { kind: 'archive', name: 'nodeExporter', version: '1.12.1', file: 'node_exporter.tar.gz' },
        bytes: releaseArchive('nodeExporter', '1.12.1').bytes,
      },
    ]);
    const config = team('', { image: `team.example/app:1.3@sha256:${digest}` });
    expect(broken(await run(config, { bundle }))).toEqual([]);
    expect(await ask('/internal/metrics')).toContain('version="2.0"');
    expect(broken(await run(team('9'), { bundle }))).toEqual([
      expect.stringMatching(/doesn't hold the image team.example\/app:9/),
      expect.anything(),
      expect.anything(),
    ]);
  }, 180_000);

  it('makes room for the placeholder again, and goes with the rest', async () => {
    expect(broken(await run({}))).toEqual([]);
    expect(await ask('/status')).toContain('"ok"');
    expect(await on('docker ps -aq; ls /opt/cloudops-app')).toBe('app.py');
    expect(steps(await run({}))).toEqual([]);
    expect(broken(await run(team('1.3')))).toEqual([]);
    const hosts = machines.records.slice(1);
    const { report } = await removeMonitoring(machines.context(), { hosts, purge: false });
    expect(report.ok).toBe(true);
    expect(
      await on(
        'docker ps -aq; ls -d /opt/cloudops* /var/lib/cloudops/before /etc/systemd/system/cloudops-app*',
      ),
    ).toBe('');
  }, 180_000);
});
