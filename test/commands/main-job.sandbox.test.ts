import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EC2Client, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { InfraResult } from '../../src/operations/infra-result.js';
import type { Outputs } from '../../src/operations/stack-outputs.js';
import type { UpResult } from '../../src/operations/up.js';
import type { VerifyResult } from '../../src/operations/verify.js';
import { sandboxHome, sandboxId } from '../../src/sandbox/daemon-files.js';
import { listFleet, listNetworks } from '../../src/sandbox/machines/fleet.js';
import { type CliRun, runCli } from '../support/run-cli.js';
import { describeWith, hasDocker, hasProgram } from '../support/requires.js';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const run = promisify(execFile);
const minutes = 60_000;

/** The whole of issue 2 as its user meets it: the built program, real machines, one story in order. */
describeWith('a Docker engine', hasDocker())('the main job', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudops-main-job-'));
  const home = sandboxHome({ HOME: folder, XDG_STATE_HOME: join(folder, 'state') });
  const sandbox = sandboxId(home);
  let outputs: Outputs;
  let endpoint = '';
  let daemon = 0;

  const cloudops = (...args: string[]): Promise<CliRun> =>
    runCli([...args, '--sandbox'], { cwd: folder, env: { XDG_STATE_HOME: join(folder, 'state') } });

  /** The one document on stdout; everything on stderr must be NDJSON. */
  async function json<Document>(...args: string[]): Promise<Document & { exit: number | null }> {
    const { code, stdout, stderr } = await cloudops(...args, '--json');
    for (const line of stderr.split('\n').filter(Boolean)) expect(JSON.parse(line)).toHaveProperty('type');
    return { ...(JSON.parse(stdout) as Document), exit: code };
  }

  async function onApplication(script: string): Promise<void> {
    const line = outputs.applications[0]!.ssh!;
    const quiet =
      '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes';
    await run('sh', ['-c', `${line.replace('ssh ', `ssh ${quiet} `)} '${script}'`]);
  }

  beforeAll(() => {
    writeFileSync(
      join(folder, 'cloudops.yaml'),
      'network: {vpcCidr: 10.77.0.0/16, subnetCidrs: [10.77.1.0/24, 10.77.2.0/24]}\n',
    );
  });

  afterAll(async () => {
    await cloudops('sandbox', 'reset', '--yes');
    rmSync(folder, { recursive: true, force: true });
  }, 2 * minutes);

  it(
    'up makes, configures and proves everything',
    async () => {
      const up = await json<UpResult>('up', '--yes');
      expect(up).toMatchObject({
        exit: 0,
        infra: { stack: 'smartcloudops-dev', summary: { create: 12, update: 0, delete: 0, none: 0 } },
        verify: { ok: true, summary: { fail: 0 } },
      });
      expect(up.monitoring.hosts.map(({ host, role }) => `${host} ${role}`)).toEqual(
        expect.arrayContaining([
          'monitoring prometheus',
          'monitoring node-exporter',
          'application-1 application',
        ]),
      );
      expect(up.monitoring.changed).toBeGreaterThan(5);
      outputs = up.infra.outputs!;
      const status = await json<{ endpoint: string; pid: number }>('sandbox', 'status');
      endpoint = status.endpoint;
      daemon = status.pid;
      process.stderr.write(`up: ${up.durationMs} ms\n`);
    },
    15 * minutes,
  );

  it('Prometheus has every target up, on the address that is told', async () => {
    const answer = await fetch(`${outputs.urls.prometheus!}/api/v1/targets?state=active`);
    const { data } = (await answer.json()) as {
      data: { activeTargets: { labels: { job: string }; health: string }[] };
    };
    const seen = data.activeTargets.map(({ labels, health }) => `${labels.job} ${health}`).sort();
    expect(seen).toEqual(['flask-app up', 'node up', 'node up', 'prometheus up']);
  });

  it('the application serves metrics in the format that Prometheus asks for', async () => {
    const [url] = outputs.urls.application;
    await fetch(`${url!}/status`);
    const answer = await fetch(`${url!}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toMatch(/^flask_requests_total\{.*endpoint="\/status".*\} [1-9]/m);
    expect(text).toMatch(/^flask_request_duration_seconds_bucket\{.*le="1\.0".*\} /m);
  });

  it(
    'up again creates nothing and changes nothing',
    async () => {
      const again = await json<UpResult>('up', '--yes');
      expect(again).toMatchObject({
        exit: 0,
        infra: { summary: { create: 0, update: 0, replace: 0, delete: 0, none: 12 } },
        monitoring: { changed: 0 },
        verify: { ok: true },
      });
      process.stderr.write(`up again: ${again.durationMs} ms\n`);
      expect((await cloudops('infra', 'plan', '--detailed-exitcode')).code).toBe(0);
    },
    2 * minutes,
  );

  it(
    'the official aws client describes everything that was made',
    async () => {
      if (!hasProgram('aws')) {
        process.stderr.write('skipped: the aws client is not on this machine\n');
        return;
      }
      const stack = 'Name=tag:cloudops:stack,Values=smartcloudops-dev';
      const env = {
        PATH: process.env['PATH'],
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_DEFAULT_REGION: 'us-east-1',
      };
      const count = async (
        service: string,
        command: string,
        list: string,
        args: string[],
      ): Promise<string> => {
        const query = ['--query', `length(${list})`, '--output', 'json'];
        const { stdout } = await run('aws', [service, command, ...args, ...query], { env });
        return `${command} ${stdout.trim()}`;
      };
      const tagged: [string, string, number][] = [
        ['describe-vpcs', 'Vpcs', 1],
        ['describe-subnets', 'Subnets', 2],
        ['describe-internet-gateways', 'InternetGateways', 1],
        ['describe-route-tables', 'RouteTables', 1],
        ['describe-security-groups', 'SecurityGroups', 2],
        ['describe-key-pairs', 'KeyPairs', 1],
        ['describe-instances', 'Reservations[].Instances[]', 2],
        ['describe-volumes', 'Volumes', 2],
        ['describe-network-interfaces', 'NetworkInterfaces', 2],
      ];
      const role = 'smartcloudops-dev-us-east-1-host';
      const counts = await Promise.all([
        ...tagged.map(([command, list]) => count('ec2', command, list, ['--filters', stack])),
        count('iam', 'get-role', 'Role.[RoleName]', ['--role-name', role]),
        count('iam', 'list-role-policies', 'PolicyNames', ['--role-name', role]),
        count('iam', 'get-instance-profile', 'InstanceProfile.Roles', ['--instance-profile-name', role]),
      ]);
      expect(counts).toEqual([
        ...tagged.map(([command, , number]) => `${command} ${number}`),
        'get-role 1',
        'list-role-policies 1',
        'get-instance-profile 1',
      ]);
    },
    2 * minutes,
  );

  it(
    'verify says what somebody broke, and exits 4',
    async () => {
      await onApplication('sudo systemctl stop cloudops-app');
      const ec2 = new EC2Client({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      const { web, monitoring } = outputs.securityGroupIds;
      const pairs = [{ GroupId: monitoring! }];
      await ec2.send(
        new RevokeSecurityGroupIngressCommand({
          GroupId: web!,
          IpPermissions: [{ IpProtocol: 'tcp', FromPort: 3000, ToPort: 3000, UserIdGroupPairs: pairs }],
        }),
      );
      const { exit, ok, checks } = await json<VerifyResult>('verify');
      expect({ exit, ok }).toEqual({ exit: 4, ok: false });
      const failed = (id: string) => checks.find((check) => check.id === id && check.status === 'fail');
      expect(failed('application.index')?.message).toContain('refuses the connection');
      expect(failed('application.index')?.hint).toContain("'cloudops monitoring configure'");
      expect(failed('infra.plan')?.message).toContain('security-group/web');
      expect(checks.find(({ id }) => id === 'prometheus.ready')?.status).toBe('pass');
      const text = await cloudops('verify');
      expect(text.code).toBe(4);
      expect(text.stdout).toMatch(/^FAIL +application\.index +application-1 /m);
    },
    2 * minutes,
  );

  it(
    'up heals it, and only that',
    async () => {
      const healed = await json<UpResult>('up', '--yes');
      expect(healed).toMatchObject({
        exit: 0,
        infra: { summary: { create: 0, update: 1, replace: 0, delete: 0, none: 11 } },
        monitoring: { changed: 1 },
        verify: { ok: true },
      });
    },
    2 * minutes,
  );

  it(
    'down asks for the name of the stack, and leaves nothing behind',
    async () => {
      const refused = await cloudops('down', '--yes');
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('Unknown flag: --yes');
      expect((await cloudops('down', '--confirm', 'another')).code).toBe(2);
      const machines = await listFleet(sandbox);
      expect(machines).toHaveLength(2);
      const volumes = await volumesOf(machines.map(({ instanceId }) => `cloudops-sandbox-${instanceId}`));

      const down = await json<InfraResult>('down', '--confirm', 'smartcloudops-dev');
      expect(down).toMatchObject({ exit: 0, summary: { delete: 12 }, outputs: null });
      expect(await listFleet(sandbox)).toEqual([]);
      expect(await listNetworks(sandbox)).toEqual([]);
      const { stdout } = await run('docker', ['volume', 'ls', '--quiet']);
      expect(stdout.split('\n').filter((name) => volumes.includes(name))).toEqual([]);
      for (let look = 0; look < 30 && runs(daemon); look++) await sleep(100);
      expect(runs(daemon)).toBe(false);
      expect((await cloudops('infra', 'status')).stdout).toContain('There is no stack smartcloudops-dev');
    },
    2 * minutes,
  );
});

/** False also for a process that has ended and that nobody has asked about yet. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function volumesOf(containers: readonly string[]): Promise<readonly string[]> {
  const format = '{{range .Mounts}}{{println .Name}}{{end}}';
  const { stdout } = await run('docker', ['inspect', '--format', format, ...containers]);
  return stdout.split('\n').filter((name) => name !== '');
}
