import { GetCommandInvocationCommand, ListCommandsCommand } from '@aws-sdk/client-ssm';
import { DescribeVpcsCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { type ChildProcess, spawn } from 'node:child_process';
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
import { verify } from '../../src/operations/verify.js';
import { type SandboxServer, startServer } from '../../src/sandbox/api/server.js';
import { dockerMachines } from '../../src/sandbox/machines/docker.js';
import { memoryStore } from '../../src/sandbox/store.js';
import { awsAt } from '../support/aws-at.js';
import { grafanaMirror } from '../support/grafana-mirror.js';
import { describeWith, hasDocker } from '../support/requires.js';
import { apply, configOf } from '../support/stack.js';

const network = { vpcCidr: '10.180.0.0/16', subnetCidrs: ['10.180.1.0/24', '10.180.2.0/24'] };
const never = new AbortController().signal;

describeWith('Docker', hasDocker())('a stack whose hosts are reached over SSM', () => {
  const machines = dockerMachines({ sandbox: `ssm-test-${process.pid}`, report: () => undefined });
  const stateDir = mkdtempSync(join(tmpdir(), 'cloudops-ssm-'));
  const keys = newKeyPair('test');
  const events: Event[] = [];
  const sent: string[] = [];
  let loseAnswers = 0;
  let server: SandboxServer;
  let mirror: Awaited<ReturnType<typeof grafanaMirror>>;
  let mirrorUrl = '';
  let aws: Aws;
  let records: readonly HostRecord[];
  let sampler: ChildProcess;
  const samples = join(stateDir, 'samples');

  const context = (via: 'ssm' | 'ssh' | 'auto'): Context => {
    const config = configOf({ network, ssh: { via }, artifacts: { mirror: mirrorUrl } });
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
    writeFileSync(join(stateDir, 'id_ed25519'), keys.privateKey, { mode: 0o600 });
    server = await startServer({
      machines,
      store: memoryStore(),
      port: 0,
      hosts: ['127.0.0.1'],
      fault: ({ action }) =>
        action === 'SendCommand' && loseAnswers > 0 && (loseAnswers -= 1) >= 0 ? { kind: 'drop' } : undefined,
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
    const everyProcess = `while sleep 0.1; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; done | tr '\\0' '\\n' | awk '!seen[$0]++ { print; fflush() }' >${samples}`;
    // Machines are containers: their processes stand in this machine's list, with those of the operator.
    sampler = spawn('sh', ['-c', everyProcess], { detached: true, stdio: 'ignore' });
  }, 300_000);

  afterAll(async () => {
    if (sampler.pid !== undefined) process.kill(-sampler.pid);
    await mirror.close();
    await Promise.all(records.map(({ instanceId }) => machines.remove(instanceId ?? '')));
    const { Vpcs } = await aws.ec2.read.send(new DescribeVpcsCommand({}));
    for (const { VpcId } of Vpcs ?? []) await machines.removeNetwork(VpcId ?? '');
    await server.close();
    rmSync(stateDir, { recursive: true });
  }, 60_000);

  const broken = ({ report }: Configured): readonly string[] =>
    report.results.flatMap((one) => (one.status === 'failed' ? [`${one.id}: ${one.error.message}`] : []));

  it('is configured, though the answer to a send is lost', async () => {
    loseAnswers = 1;
    const configured = await configureMonitoring(context('ssm'), { hosts: records });
    expect(broken(configured)).toEqual([]);
    expect(configured.result.changed).toBeGreaterThan(8);
    expect(loseAnswers).toBe(0);
  }, 300_000);

  it('has nothing to do the second time, in four commands a host', async () => {
    sent.length = 0;
    const configured = await configureMonitoring(context('ssm'), { hosts: records });
    expect([broken(configured), configured.result.changed]).toEqual([[], 0]);
    // A session, a question, a look; and the session's end.
    expect(sent.filter((action) => action === 'SendCommand')).toHaveLength(2 * 4);
    process.stderr.write(`second run over SSM: ${configured.result.durationMs} ms\n`);
  }, 60_000);

  it('passes verify over it', async () => {
    const { checks } = await verify(context('ssm'), { hosts: records });
    const failed = checks
      .filter(({ status }) => status === 'fail')
      .map(({ id, message }) => `${id}: ${message}`);
    expect(failed.filter((line) => !line.startsWith('dashboards'))).toEqual([]);
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
    // The first line of an OpenSSH key is the same in all of them.
    const secrets = [
      password(),
      ...keys.privateKey
        .split('\n')
        .slice(2)
        .filter((line) => line.length > 40),
    ];
    expect(secrets.length).toBeGreaterThan(2);
    const seen = readFileSync(samples, 'utf8');
    // The samples are of the run: something that ran on a machine for a moment only.
    expect(seen).toContain('apt-get');
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    // Without the search itself: its patterns, and the sandbox's file that holds this script.
    const search = `cat >/run/secrets <<'END'\n${secrets.join('\n')}\nEND
      grep -rlF --binary-files=text -f /run/secrets / --exclude-dir=proc --exclude-dir=sys 2>/dev/null | grep -v '^/run/\\(secrets$\\|cloudops[.]\\)'
      journalctl --no-pager | grep -F -f /run/secrets; rm /run/secrets`;
    expect(await on('application', search)).toBe('');
    expect((await on('monitoring', search)).split('\n').sort()).toEqual([
      '/etc/grafana/admin-password',
      // What Grafana keeps itself; the real one keeps a hash.
      '/var/lib/grafana/password',
    ]);
    const history = await commandHistory(aws);
    expect(history.length).toBeGreaterThan(10_000);
    expect(secrets.filter((secret) => history.includes(secret))).toEqual([]);
    expect(history).not.toMatch(/prometheus|grafana/);
    expect(secrets.filter((secret) => JSON.stringify(events).includes(secret))).toEqual([]);
  }, 120_000);

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

/** Everything that Systems Manager shows of all commands. */
async function commandHistory({ ssm }: Aws): Promise<string> {
  const parts: string[] = [];
  for (let NextToken: string | undefined; ;) {
    const page = await ssm.read.send(new ListCommandsCommand({ ...(NextToken && { NextToken }) }));
    for (const command of page.Commands ?? []) {
      parts.push(JSON.stringify(command));
      for (const InstanceId of command.InstanceIds ?? []) {
        const asked = new GetCommandInvocationCommand({ CommandId: command.CommandId, InstanceId });
        parts.push(JSON.stringify(await ssm.read.send(asked)));
      }
    }
    NextToken = page.NextToken;
    if (NextToken === undefined) return parts.join('\n');
  }
}
