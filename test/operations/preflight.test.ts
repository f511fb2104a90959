import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateVpcCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Aws } from '../../src/infra/resource.js';
import { checkAllowedCidrs } from '../../src/infra/preflight/allowed-cidrs.js';
import { checkCredentials } from '../../src/infra/preflight/credentials.js';
import { dryRuns } from '../../src/infra/preflight/dry-runs.js';
import { judgeDryRuns } from '../../src/infra/preflight/ec2-permissions.js';
import { principalOf } from '../../src/infra/preflight/iam-permissions.js';
import { checkIdentity } from '../../src/infra/preflight/identity.js';
import { judgeVcpuQuota } from '../../src/infra/preflight/vcpu-quota.js';
import { judgeVpcQuota } from '../../src/infra/preflight/vpc-quota.js';
import type { Context } from '../../src/operations/context.js';
import { prepare } from '../../src/operations/prepare.js';
import { preflight, type PreflightResult } from '../../src/operations/preflight.js';
import type { Fault } from '../../src/sandbox/api/server.js';
import type { Request } from '../../src/sandbox/protocol/request.js';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';
import { configOf } from '../support/stack.js';

let emulator: Emulator;
let stateDir = '';
let calls: Request[] = [];
let fault: ((request: Request) => Fault | undefined) | undefined;
const notes: string[] = [];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'cloudops-preflight-'));
  fault = undefined;
  calls = [];
  notes.length = 0;
});
afterEach(async () => {
  rmSync(stateDir, { recursive: true, force: true });
  await emulator.close();
});

async function start(limits = {}): Promise<void> {
  emulator = await startEmulator({
    limits,
    fault: (request) => fault?.(request),
    onCall: (request) => void calls.push(request),
  });
}

/** The emulator, taken for AWS itself. */
const asAws = (): Aws => ({ ...emulator.aws(), emulated: () => false });

const contextOf = (aws: Aws, values: object = {}): Context => ({
  config: configOf({ access: { allowCidrs: ['203.0.113.7/32'] }, ...values }),
  stack: aws.stack,
  region: aws.region,
  aws: () => Promise.resolve(aws),
  connect: () => Promise.reject(new Error('no hosts here')),
  on: (event) => event.type === 'note' && notes.push(event.message),
  signal: new AbortController().signal,
  sandbox: false,
  stateDir,
});

const statuses = ({ findings }: PreflightResult): Record<string, string> =>
  Object.fromEntries(findings.map(({ id, status }) => [id, status]));

const up = { command: 'infra up', waitMs: 0 };
const error = (code: string, message = 'no', status = 400): Fault => ({
  kind: 'error',
  code,
  message,
  status,
});

describe('the preflight', () => {
  it('finds all well, and changes nothing', async () => {
    await start();
    const result = await preflight(contextOf(asAws()));
    expect(statuses(result)).toEqual({
      identity: 'ok',
      credentials: 'ok',
      'allowed-networks': 'ok',
      image: 'ok',
      zones: 'ok',
      'ssh-key': 'ok',
      'vpc-quota': 'ok',
      'instance-types': 'ok',
      'vcpu-quota': 'ok',
      'ec2-permissions': 'ok',
      'iam-permissions': 'ok',
    });
    const writes = calls.filter(
      ({ action, fields }) => !/^(Describe|Get|List|Simulate)/.test(action) && fields['DryRun'] !== 'true',
    );
    expect(writes.map(({ action }) => action)).toEqual([]);
  });

  it('rehearses nothing against an emulator', async () => {
    await start();
    const result = await preflight(contextOf(emulator.aws()));
    expect(statuses(result)).toMatchObject({ 'ec2-permissions': 'skipped', 'vpc-quota': 'skipped' });
    expect(calls.filter(({ fields }) => fields['DryRun'] === 'true')).toEqual([]);
  });

  it('rehearses every EC2 action of the product that can be rehearsed', () => {
    const id = { vpc: '', subnet: '', gateway: '', table: '', group: '', instance: '', volume: '' };
    const rehearsed = Object.keys(dryRuns({ ...id, image: '', keyName: '' }));
    expect(actionsOfTheProduct().filter((action) => !rehearsed.includes(action))).toEqual([
      // These have no DryRun; iam:SimulatePrincipalPolicy is asked about them.
      'AssociateIamInstanceProfile',
      'ModifySubnetAttribute',
      'ModifyVpcAttribute',
      'ReplaceIamInstanceProfileAssociation',
    ]);
  });

  it('tells everything that stands in the way at once, each with a remedy', async () => {
    await start({ vpcsPerRegion: 5, vcpus: 2 });
    const aws = asAws();
    for (let count = 0; count < 4; count += 1)
      await aws.ec2.write.send(new CreateVpcCommand({ CidrBlock: `10.${count}.0.0/16` }));
    fault = ({ action, fields }) => {
      if (action === 'RunInstances' && fields['DryRun'] === 'true')
        return error('UnauthorizedOperation', 'You are not authorized.', 403);
      return undefined;
    };
    const result = await preflight(contextOf(aws));
    const failed = result.findings.filter(({ status }) => status === 'failed');
    expect(failed.map(({ id }) => id).sort()).toEqual(['ec2-permissions', 'vcpu-quota', 'vpc-quota']);
    for (const { fix = [] } of failed) expect(fix.length).toBeGreaterThan(0);
    expect(result.ok).toBe(false);
    await expect(prepare(contextOf(aws), up)).rejects.toMatchObject({
      code: 'PREFLIGHT_FAILED',
      exitCode: 7,
      cause: { errors: [{ code: 'QUOTA_EXCEEDED' }, { code: 'QUOTA_EXCEEDED' }] },
    });
  });

  it('skips what it may not ask, and an up goes on', async () => {
    await start();
    fault = ({ service, action }) =>
      service === 'servicequotas' ||
      action === 'SimulatePrincipalPolicy' ||
      action === 'DescribeInstanceTypes'
        ? error('AccessDenied', 'no', 403)
        : undefined;
    const context = contextOf(asAws());
    const result = await preflight(context);
    expect(statuses(result)).toMatchObject({ 'instance-types': 'skipped', 'iam-permissions': 'skipped' });
    expect(result.ok).toBe(true);
    expect((await prepare(context, up)).plan.empty).toBe(false);
  });

  it('sees a type that does not exist, and one that cannot start the image', async () => {
    await start();
    const arm = contextOf(asAws(), { application: { instanceType: 't4g.small' } });
    await expect(prepare(arm, up)).rejects.toMatchObject({ code: 'PREFLIGHT_FAILED', exitCode: 7 });
    const unknown = contextOf(asAws(), { application: { instanceType: 't9.huge' } });
    expect((await preflight(unknown)).findings).toContainEqual(
      expect.objectContaining({ id: 'zones', status: 'failed', code: 'TYPE_NOT_OFFERED' }),
    );
  });

  it('warns of private networks before an up', async () => {
    await start();
    await prepare(contextOf(asAws(), { access: { allowCidrs: ['192.168.1.0/24'] } }), up);
    expect(notes.join('\n')).toContain('192.168.1.0/24 is a private network');
  });
});

describe('the checks', () => {
  beforeEach(() => start());
  const now = Date.UTC(2026, 10, 23, 12);
  it.each([
    [undefined, 'ok'],
    [60 * 60_000, 'ok'],
    [5 * 60_000, 'warning'],
    [-1, 'failed'],
  ] as const)('credentials that last %p ms more: %s', (left, status) => {
    const expiration = left === undefined ? undefined : new Date(now + left);
    expect(checkCredentials(expiration, now).status).toBe(status);
  });

  it.each([
    [['203.0.113.7/32'], false, 'ok'],
    [['0.0.0.0/0'], false, 'warning'],
    [['10.0.0.0/8'], false, 'warning'],
    [['100.64.0.1/32'], false, 'warning'],
    [['10.0.0.1/32'], true, 'ok'],
    [[], false, 'ok'],
  ] as const)('networks %p (emulated: %p): %s', (cidrs, emulated, status) => {
    expect(checkAllowedCidrs(cidrs, emulated).status).toBe(status);
  });

  it.each([
    [4, 1, 5, 'ok'],
    [5, 1, 5, 'failed'],
    [5, 1, 10, 'ok'],
    [5, 1, 'Service Quotas said AccessDenied', 'skipped'],
  ] as const)('%p VPCs and %p more of %p: %s', (present, wanted, quota, status) => {
    expect(judgeVpcQuota(Array.from({ length: present }, String), wanted, quota).status).toBe(status);
  });

  it('counts vCPUs, dry runs and identities', () => {
    expect([judgeVcpuQuota(28, 4, 32).status, judgeVcpuQuota(29, 4, 32).status]).toEqual(['ok', 'failed']);
    const yes = { action: 'CreateVpc', code: 'DryRunOperation' };
    const gone = { action: 'DeleteVpc', code: 'InvalidVpcID.NotFound' };
    const no = { action: 'RunInstances', code: 'UnauthorizedOperation' };
    expect(judgeDryRuns([yes, gone]).saw).toContain(
      'neither yes nor no to DeleteVpc (InvalidVpcID.NotFound)',
    );
    expect(judgeDryRuns([yes, no])).toMatchObject({ status: 'failed', code: 'NOT_PERMITTED' });
    expect(judgeDryRuns([yes, no]).fix?.[0]).toContain('"Action":["ec2:RunInstances"]');
    expect(checkIdentity({ account: '1', arn: 'arn:aws:iam::1:root' }).status).toBe('warning');
  });

  it.each([
    ['arn:aws:iam::1:user/alice', 'arn:aws:iam::1:user/alice'],
    ['arn:aws:sts::1:assumed-role/ops/alice', 'arn:aws:iam::1:role/ops'],
    ['arn:aws:iam::1:root', undefined],
    ['arn:aws:sts::1:federated-user/bob', undefined],
  ])('the policies of %s are those of %s', (arn, principal) => {
    expect(principalOf(arn)).toBe(principal);
  });
});

/** The EC2 actions that change something, as the sources send them. */
function actionsOfTheProduct(): string[] {
  const src = join(import.meta.dirname, '../../src');
  const files = ['infra', 'operations'].flatMap((folder) =>
    readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('dry-runs'))
      .map((name) => readFileSync(join(src, folder, name), 'utf8')),
  );
  const commands = files
    .filter((text) => text.includes("'@aws-sdk/client-ec2'"))
    .flatMap((text) => [...text.matchAll(/new (\w+)Command\(/g)].map(([, name = '']) => name));
  return [...new Set(commands)].filter((name) => !/^(Describe|Get|List)/.test(name)).sort();
}
