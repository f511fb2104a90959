import { DescribeVpcsCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectHosts } from '../../src/cli/connect-hosts.js';
import type { Event } from '../../src/engine/task.js';
import type { HostRecord } from '../../src/hosts/host.js';
import { newKeyPair } from '../../src/infra/key-file.js';
import type { Aws } from '../../src/infra/resource.js';
import { readFacts } from '../../src/infra/stack-facts.js';
import { stack } from '../../src/infra/stack.js';
import { configureMonitoring, type Configured } from '../../src/operations/configure-monitoring.js';
import type { Context } from '../../src/operations/context.js';
import { findHosts } from '../../src/operations/find-hosts.js';
import { removeMonitoring } from '../../src/operations/remove-monitoring.js';
import { verify } from '../../src/operations/verify.js';
import { type SandboxServer, startServer } from '../../src/sandbox/api/server.js';
import { dockerMachines } from '../../src/sandbox/machines/docker.js';
import { removeFleet } from '../../src/sandbox/machines/fleet.js';
import { memoryStore } from '../../src/sandbox/store.js';
import { awsAt } from '../support/aws-at.js';
import { writeBundle } from '../support/artifacts.js';
import { commandHistory } from '../support/command-history.js';
import { grafanaMirror } from '../support/grafana-mirror.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { linesOfKey, sampleProcesses, secretSearch, type ProcessSampler } from '../support/secret-search.js';
import { shears } from '../support/severed-host.js';
import { apply, configOf } from '../support/stack.js';
import { broken, failedWith } from './machines.js';

const network = { vpcCidr: '10.180.0.0/16', subnetCidrs: ['10.180.1.0/24', '10.180.2.0/24'] };
const never = new AbortController().signal;
/** What a run that touches nothing leaves as it is. */
const everything =
  'dpkg -l | sha256sum; find /etc/systemd /etc/prometheus /etc/grafana /opt /var/lib/cloudops -type f 2>/dev/null | sort | xargs -r sha256sum';

describeWith('Docker', hasDocker())('a stack whose hosts are reached over SSM', () => {
  const machines = dockerMachines({ sandbox: 'test-ssm', report: () => undefined });
  const stateDir = mkdtempSync(join(tmpdir(), 'cloudops-ssm-'));
  const keys = newKeyPair('test');
  const events: Event[] = [];
  const sent: string[] = [];
  let loseAnswers = 0;
  let expired = false;
  let server: SandboxServer;
  let mirror: Awaited<ReturnType<typeof grafanaMirror>>;
  let mirrorUrl = '';
  let aws: Aws;
  let records: readonly HostRecord[];
  let sampler: ProcessSampler;

  const context = (via: 'ssm' | 'ssh' | 'auto', more: object = {}): Context => {
    const config = configOf({ network, ssh: { via }, artifacts: { mirror: mirrorUrl }, ...more });
    const facts = {
      config,
      stateDir,
      aws: () => Promise.resolve(aws),
      acceptNewHostKey: false,
      sandbox: true,
    };
    const on = (event: Event): void => void events.push(event);
    const { connect } = connectHosts({ ...facts, on, patienceMs: 2_000 });
    const { stack: name, region } = aws;
    return {
      config,
      stack: name,
      region,
      aws: facts.aws,
      connect,
      on,
      signal: never,
      sandbox: true,
      stateDir,
    };
  };
  const idOf = (role: string): string => records.find((one) => one.role === role)?.instanceId ?? '';
  const on = async (role: string, script: string): Promise<string> =>
    (await machines.exec(idOf(role), script, 120_000)).stdout.trim();
  const password = (): string => readFileSync(join(stateDir, 'grafana-admin-password'), 'utf8').trim();

  beforeAll(async () => {
    await removeFleet('test-ssm');
    writeFileSync(join(stateDir, 'id_ed25519'), keys.privateKey, { mode: 0o600 });
    server = await startServer({
      machines,
      store: memoryStore(),
      port: 0,
      hosts: ['127.0.0.1'],
      fault: ({ action }) => {
        if (expired)
          return {
            kind: 'error',
            status: 400,
            code: 'ExpiredTokenException',
            message: 'The token is expired',
          };
        return action === 'SendCommand' && loseAnswers > 0 && (loseAnswers -= 1) >= 0
          ? { kind: 'drop' }
          : undefined;
      },
      onCall: ({ action }) => void sent.push(action),
    });
    aws = awsAt(`http://127.0.0.1:${server.port}`, 'smartcloudops-dev', 0.1);
    const config = configOf({ network });
    const facts = await readFacts(aws, config);
    await apply(
      aws,
      stack(config, { ...facts, operatorCidrs: ['10.180.0.1/32'], publicKey: keys.publicKey }),
    );
    mirror = await grafanaMirror('10.180.0.1');
    mirrorUrl = mirror.url;
    records = await findHosts(context('ssm'), { applications: [] });
    sampler = sampleProcesses(join(stateDir, 'samples'));
  }, 300_000);

  afterAll(async () => {
    sampler.stop();
    await mirror.close();
    await Promise.all(records.map(({ instanceId }) => machines.remove(instanceId ?? '')));
    const { Vpcs } = await aws.ec2.read.send(new DescribeVpcsCommand({}));
    for (const { VpcId } of Vpcs ?? []) await machines.removeNetwork(VpcId ?? '');
    await server.close();
    rmSync(stateDir, { recursive: true });
  }, 60_000);

  it('refuses to send a bundle that is too large for it, before anything is touched', async () => {
    const directory = join(stateDir, 'bundle');
    const large = {
      nodeExporter: ['1.12.1', 7e6],
      prometheus: ['3.13.5', 10],
      grafana: ['12.4.11', 10],
    } as const;
    const files = Object.entries(large).map(([name, [version, size]]) => ({
      artifact: { kind: 'archive' as const, name: name as keyof typeof large, version, file: name },
      bytes: randomBytes(size),
    }));
    writeBundle(directory, files);
    const before = await Promise.all(['monitoring', 'application'].map((role) => on(role, everything)));
    const refused = await configureMonitoring(context('ssm'), { hosts: records, bundle: directory });
    const codes = refused.report.results.flatMap((one) =>
      one.status === 'failed'
        ? [`${one.id} ${(one.error as { code?: string }).code ?? one.error.message}`]
        : [],
    );
    expect(codes.sort()).toEqual([
      'application-1 packages SSM_INPUT_TOO_LARGE',
      'monitoring packages SSM_INPUT_TOO_LARGE',
    ]);
    expect(broken(refused)[0]).toMatch(/7 MB or more \(node-exporter archive node_exporter\) are too much/);
    const after = await Promise.all(['monitoring', 'application'].map((role) => on(role, everything)));
    expect(after).toEqual(before);
  }, 60_000);

  it('is configured, though the answer to a send is lost', async () => {
    loseAnswers = 1;
    const configured = await configureMonitoring(context('ssm'), { hosts: records });
    expect(broken(configured)).toEqual([]);
    expect(configured.result.changed).toBeGreaterThan(8);
    expect(loseAnswers).toBe(0);
  }, 300_000);

  it('has nothing to do the second time, in three commands a host', async () => {
    sent.length = 0;
    const configured = await configureMonitoring(context('ssm'), { hosts: records });
    expect([broken(configured), configured.result.changed]).toEqual([[], 0]);
    // A session, a question with the look, the session's end.
    expect(sent.filter((action) => action === 'SendCommand')).toHaveLength(2 * 3);
    process.stderr.write(`second run over SSM: ${configured.result.durationMs} ms\n`);
  }, 60_000);

  it('shows a changed line, takes it by a reload, and uploads dashboards, all over it', async () => {
    const changed = context('ssm', { alerts: { highCpuUsage: { above: 70 } } });
    const checked = await configureMonitoring(changed, { hosts: records, check: true, diff: true });
    const steps = ({ result }: Configured) =>
      result.hosts.flatMap((one) => one.changed.map(({ step }) => step));
    expect([broken(checked), steps(checked)]).toEqual([[], ['files prometheus config']]);
    expect(JSON.stringify(checked.result)).toMatch(/-.*> 90.*\+.*> 70/);
    const rules = 'curl -s http://127.0.0.1:9090/api/v1/rules';
    expect(await on('monitoring', rules)).toContain('u003e 90');
    const pid = await on('monitoring', 'systemctl show -p MainPID --value prometheus');
    const configured = await configureMonitoring(changed, { hosts: records, dashboards: true });
    expect([broken(configured), steps(configured)]).toEqual([[], ['files prometheus config']]);
    expect(configured.result.dashboards?.dashboards.map(({ action }) => action)).toContain('created');
    expect(await on('monitoring', rules)).toContain('u003e 70');
    expect(await on('monitoring', 'systemctl show -p MainPID --value prometheus')).toBe(pid);
  }, 120_000);

  it('passes verify over it', async () => {
    const { checks } = await verify(context('ssm', { alerts: { highCpuUsage: { above: 70 } } }), {
      hosts: records,
    });
    const failed = checks
      .filter(({ status }) => status === 'fail')
      .map(({ id, message }) => `${id}: ${message}`);
    expect(failed).toEqual([]);
  }, 120_000);

  it('is the same over SSH, whose host keys are learned from the agent', async () => {
    await on('monitoring', 'rm /etc/grafana/admin-password');
    sent.length = 0;
    const configured = await configureMonitoring(context('ssh'), { hosts: records });
    expect(broken(configured)).toEqual([]);
    expect(configured.result.changed).toBeGreaterThan(0);
    expect(await on('monitoring', 'cat /etc/grafana/admin-password')).toBe(password());
    expect(sent).toContain('SendCommand');
    expect(sent).not.toContain('GetConsoleOutput');
    const known = readFileSync(join(stateDir, 'known_hosts'), 'utf8');
    for (const { instanceId } of records) expect(known).toContain(`${instanceId ?? ''} ssh-ed25519 `);
  }, 120_000);

  it('shows no secret in process lists, logs, files or the command history, over either way', async () => {
    const secrets = [password(), ...linesOfKey(keys.privateKey)];
    expect(secrets.length).toBeGreaterThan(2);
    const seen = sampler.read();
    // The samples are of the run: something that ran on a machine for a moment only.
    expect(seen).toContain('apt-get');
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    expect(await on('application', secretSearch(secrets))).toBe('');
    expect((await on('monitoring', secretSearch(secrets))).split('\n')).toEqual([
      '600 grafana /etc/grafana/admin-password',
      // What Grafana keeps itself; the real one keeps a hash.
      '640 grafana /var/lib/grafana/password',
    ]);
    const history = await commandHistory(aws);
    expect(history.length).toBeGreaterThan(10_000);
    expect(secrets.filter((secret) => history.includes(secret))).toEqual([]);
    expect(history).not.toMatch(/prometheus|grafana/);
    expect(secrets.filter((secret) => JSON.stringify(events).includes(secret))).toEqual([]);
  }, 120_000);

  it('is removed over it, with its data', async () => {
    const removed = await removeMonitoring(context('ssm'), { hosts: records, purge: true });
    expect(broken(removed)).toEqual([]);
    const left =
      'ss -Htln | grep -cE ":(3000|3001|9090|9100) "; ls -d /opt/cloudops* /var/lib/prometheus/data /etc/grafana 2>/dev/null';
    for (const role of ['monitoring', 'application']) expect(await on(role, left)).toBe('0');
  }, 60_000);

  it('heals from credentials that expire at any step: the host goes on with what it does, the next run comes at once', async () => {
    await on('application', 'apt-get purge -y -qq gunicorn python3-flask python3-prometheus-client');
    const severed = new Map<string, number>();
    const seen = new Set<string>();
    let runs = 0;
    for (let cut = true; cut; runs += 1) {
      expect(runs).toBeLessThan(60);
      // A cut whose time comes after its run is none of the next one's.
      let over = false;
      const tools = shears(context('ssm').connect, () => (expired = !over), severed);
      const configured = await configureMonitoring(
        { ...context('ssm'), connect: tools.connect },
        { hosts: records },
      );
      over = true;
      expired = false;
      cut = tools.cut;
      for (const failure of failedWith('CREDENTIALS_EXPIRED', configured)) seen.add(failure);
    }
    process.stderr.write(`${String(severed.size)} scripts cut in ${String(runs)} runs\n`);
    expect([...seen]).toEqual(['CREDENTIALS_EXPIRED']);
    const scripts = [...severed.keys()].join('\n');
    for (const step of ['apt-get install', 'prometheus-node-exporter', 'prometheus.yml', 'grafana', 'app.py'])
      expect([step, scripts.includes(step)]).toEqual([step, true]);
    const again = await configureMonitoring(context('ssm'), { hosts: records, dashboards: true });
    expect([broken(again), again.result.changed]).toEqual([[], 0]);
    for (const role of ['monitoring', 'application'])
      expect(
        await on(
          role,
          'find / -xdev -name "*.cloudops*" -not -path "/proc/*"; systemctl --failed -q; dpkg --audit',
        ),
      ).toBe('');
    const { checks } = await verify(context('ssm'), { hosts: records });
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
  }, 300_000);

  it('is reached over SSM with a note when SSH lets nobody in', async () => {
    await on('application', 'systemctl stop ssh');
    events.length = 0;
    const record = records.find(({ role }) => role === 'application')!;
    const host = await context('auto').connect(record, never);
    expect((await host.exec('id -u')).stdout).toBe('0\n');
    await host.close();
    const notes = events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
    expect(notes.at(-1)).toMatch(/^application-1: reached over SSM instead of SSH/);
  }, 60_000);

  it('says why where SSM cannot help', async () => {
    const instanceId = idOf('application');
    const record = records.find(({ role }) => role === 'application')!;
    await aws.ec2.write.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await expect(context('ssm').connect(record, never)).rejects.toMatchObject({
      code: 'SSM_OFFLINE',
      message: expect.stringMatching(/ConnectionLost.*The instance is stop/s),
    });
    const elsewhere = { ...record, instanceId: 'i-0fedcba9876543210' };
    await expect(context('ssm').connect(elsewhere, never)).rejects.toMatchObject({
      message: expect.stringContaining(
        'no instance i-0fedcba9876543210 in account 000000000000, region us-east-1',
      ),
    });
  }, 60_000);
});
