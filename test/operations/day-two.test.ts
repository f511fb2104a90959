import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyPlan } from '../../src/operations/apply-plan.js';
import type { Context } from '../../src/operations/context.js';
import { findHosts } from '../../src/operations/find-hosts.js';
import { listOrphans } from '../../src/operations/list-orphans.js';
import { pauseStack, resumeStack } from '../../src/operations/pause-stack.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { planRefresh } from '../../src/operations/plan-refresh.js';
import { refreshIp } from '../../src/operations/refresh-ip.js';
import { stackStatus } from '../../src/operations/stack-status.js';
import { orphansText } from '../../src/ui/orphans-text.js';
import { planText } from '../../src/ui/plan-text.js';
import type { Emulator } from '../support/aws-at.js';
import { contextAt } from '../support/context.js';
import { startEmulator } from '../support/emulator.js';
import { apply, configOf, desiredOf, gist } from '../support/stack.js';

describe('a stack from day two on', () => {
  let emulator: Emulator;
  let stateDir: string;
  const context = (values: object = {}): Context => contextAt(emulator, { stateDir, values });
  beforeAll(async () => {
    emulator = await startEmulator();
    stateDir = join(await mkdtemp(join(tmpdir(), 'cloudops-day-two-')), 'stack');
    await applyPlan(context(), await planInfra(context()));
  });
  afterAll(() => emulator.close());

  it('lets the operator in from another address, and touches no other rule', async () => {
    const status = await stackStatus(context());
    const GroupId = status.resources.find(
      ({ kind, name }) => kind === 'security-group' && name === 'web',
    )?.id;
    const { ec2 } = emulator.aws();
    const theirs = {
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      IpRanges: [{ CidrIp: '198.51.100.9/32', Description: 'a colleague' }],
    };
    await ec2.write.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [theirs] }));
    const rules = async (): Promise<string[]> => {
      const { SecurityGroups } = await ec2.read.send(
        new DescribeSecurityGroupsCommand({ GroupIds: [GroupId ?? ''] }),
      );
      return (SecurityGroups?.[0]?.IpPermissions ?? [])
        .flatMap(({ FromPort, IpRanges = [] }) =>
          IpRanges.map(({ CidrIp, Description }) => `${FromPort ?? ''} ${CidrIp ?? ''} ${Description ?? ''}`),
        )
        .sort();
    };
    const before = await rules();
    const elsewhere = context({ access: { allowCidrs: ['192.0.2.44/32'] } });
    const plan = await planRefresh(elsewhere);
    expect(gist(plan).map((line) => line.split(':')[0])).toEqual([
      'update security-group/monitoring',
      'update security-group/web',
    ]);
    expect(planText(plan)).toContain('+ ingress.tcp 22 from 192.0.2.44/32');
    expect((await refreshIp(elsewhere, plan, { waitMs: 0 })).report.ok).toBe(true);
    expect(await rules()).toEqual(
      before.map((rule) => rule.replace('203.0.113.7/32', '192.0.2.44/32')).sort(),
    );
    expect((await planRefresh(elsewhere)).empty).toBe(true);
    // A full plan takes the colleague's rule for drift, and nothing else.
    expect(gist(await planInfra(elsewhere))).toEqual([
      'update security-group/web: ingress.tcp 22 from 198.51.100.9/32',
    ]);
    await applyPlan(context(), await planInfra(context()));
  });

  it('keeps whom it lets in where the config does not say, but takes a rule changed by hand for drift', async () => {
    const silent = context({ access: { allowCidrs: [] } });
    expect(gist(await planInfra(silent))).toEqual([]);
    const { ec2 } = emulator.aws();
    const { SecurityGroups = [] } = await ec2.read.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['*-web'] }] }),
    );
    const world = {
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'SSH from the operator' }],
    };
    const GroupId = SecurityGroups[0]?.GroupId;
    await ec2.write.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [world] }));
    expect(gist(await planInfra(silent))).toEqual([
      'update security-group/web: ingress.tcp 22 from 0.0.0.0/0',
    ]);
    await applyPlan(silent, await planInfra(silent));
    expect(gist(await planInfra(context()))).toEqual([]);
  });

  it('stops and starts all hosts, with the same private addresses', async () => {
    const before = await findHosts(context(), { applications: [] });
    const paused = await pauseStack(context(), { waitMs: 0 });
    expect(paused).toMatchObject({ changed: ['application-1', 'monitoring'], hosts: 2, volumeGb: 30 });
    expect((await pauseStack(context(), { waitMs: 0 })).changed).toEqual([]);
    expect(gist(await planInfra(context()))).toEqual([]);
    await expect(findHosts(context(), { applications: [] })).rejects.toMatchObject({
      code: 'STACK_PAUSED',
      fix: [expect.stringContaining('infra resume')],
    });
    expect((await resumeStack(context(), { waitMs: 0 })).changed).toEqual(['application-1', 'monitoring']);
    const after = await findHosts(context(), { applications: [] });
    const lasting = (hosts: typeof after) =>
      hosts.map(({ name, instanceId, privateAddress }) => [name, instanceId, privateAddress]);
    expect(lasting(after)).toEqual(lasting(before));
    expect(after.every(({ address }) => address !== undefined)).toBe(true);
    expect((await resumeStack(context(), { waitMs: 0 })).changed).toEqual([]);
  });

  it('starts what has only begun to stop', async () => {
    const hosts = await findHosts(context(), { applications: [] });
    const InstanceIds = hosts.map(({ instanceId = '' }) => instanceId);
    await emulator.aws().ec2.write.send(new StopInstancesCommand({ InstanceIds }));
    expect((await resumeStack(context(), { waitMs: 0 })).changed).toHaveLength(2);
    expect(await findHosts(context(), { applications: [] })).toHaveLength(2);
  });

  it('lists what is left of stacks that are not complete', async () => {
    expect(await listOrphans(context())).toEqual({ region: 'us-east-1', stacks: [] });
    const half = emulator.aws('my-app-test');
    const desired = await desiredOf(half, configOf({ project: 'my-app', environment: 'test' }));
    await apply(half, desired);
    expect((await listOrphans(context())).stacks).toEqual([]);
    const status = await stackStatus(contextAt(emulator, { stateDir, stack: 'my-app-test' }));
    const InstanceIds = status.resources.filter(({ kind }) => kind === 'instance').map(({ id }) => id);
    await half.ec2.write.send(new TerminateInstancesCommand({ InstanceIds }));
    const { stacks } = await listOrphans(context());
    expect(stacks.map(({ stack }) => stack)).toEqual(['my-app-test']);
    const types = stacks[0]?.resources.map(({ type, name }) => `${type}/${name}`);
    expect(types).toEqual(
      expect.arrayContaining(['vpc/main', 'security-group/web', 'key-pair/main', 'role/host']),
    );
    expect(types).not.toContain('instance/monitoring');
    expect(stacks[0]?.remove).toBe(
      'cloudops infra down --project my-app --environment test --region us-east-1 --confirm my-app-test',
    );
    expect(orphansText({ region: 'us-east-1', stacks })).toContain('Stack my-app-test is not complete');
    await apply(half, []);
    expect((await listOrphans(context())).stacks).toEqual([]);
  }, 20_000);
});
