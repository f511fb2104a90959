import { CreateVpcCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { DecodeAuthorizationMessageCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../../src/sandbox/api/server.js';
import { fileStore } from '../../src/sandbox/store.js';
import { codeOf, startSandbox, type Sandbox } from './api-support.js';

let sandbox: Sandbox;
let directory: string | undefined;
afterEach(async () => {
  await sandbox.close();
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
});

const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow' }] });
const RoleName = 'r';
const InstanceProfileName = 'p';
const newRole = (name = RoleName) =>
  sandbox.iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: policy,
      Tags: [{ Key: 'k', Value: 'v' }],
    }),
  );

describe('IAM', () => {
  it('keeps role, policies and profile, and lets go in the right order only', async () => {
    sandbox = await startSandbox();
    const { iam } = sandbox;
    await newRole();
    expect(await codeOf(newRole('R'))).toBe('EntityAlreadyExists');
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'in', PolicyDocument: policy }));
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    const add = () => iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
    await add();
    expect(await codeOf(add())).toBe('LimitExceeded');
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toBe(policy);
    expect(Role?.Tags).toEqual([{ Key: 'k', Value: 'v' }]);
    const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'in' }));
    expect(decodeURIComponent(inline.PolicyDocument!)).toBe(policy);
    const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    expect(attached.AttachedPolicies?.[0]?.PolicyArn).toBe(PolicyArn);
    const profile = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    expect(profile.InstanceProfile?.Roles?.[0]?.RoleName).toBe(RoleName);
    expect(await codeOf(iam.send(new DeleteRoleCommand({ RoleName })))).toBe('DeleteConflict');
    expect(await codeOf(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })))).toBe(
      'DeleteConflict',
    );
    expect(await codeOf(iam.send(new GetRoleCommand({ RoleName: 'none' })))).toBe('NoSuchEntity');
  });

  it('gives pages', async () => {
    sandbox = await startSandbox();
    for (const name of ['a', 'b', 'c']) await newRole(name);
    const one = await sandbox.iam.send(new ListRolesCommand({ MaxItems: 2 }));
    expect([one.IsTruncated, one.Roles?.length]).toEqual([true, 2]);
    const two = await sandbox.iam.send(new ListRolesCommand({ MaxItems: 2, Marker: one.Marker }));
    expect(two.Roles?.map((role) => role.RoleName)).toEqual(['c']);
  });
});

describe('STS', () => {
  it('names the caller and decodes nothing', async () => {
    sandbox = await startSandbox();
    expect(await sandbox.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '000000000000',
    });
    const decode = new DecodeAuthorizationMessageCommand({ EncodedMessage: 'x' });
    expect(await codeOf(sandbox.sts.send(decode))).toMatch(/InvalidAuthorizationMessage/);
  });
});

describe('SSM parameters', () => {
  it('are versioned, and one of many writers wins', async () => {
    sandbox = await startSandbox();
    const put = (Value: string, Overwrite = false) =>
      sandbox.ssm.send(new PutParameterCommand({ Name: '/l/1', Value, Type: 'String', Overwrite }));
    const results = await Promise.all(['a', 'b', 'c'].map((value) => codeOf(put(value))));
    expect(results.filter((code) => code === 'no error')).toHaveLength(1);
    expect(results.filter((code) => code === 'ParameterAlreadyExists')).toHaveLength(2);
    expect((await put('d', true)).Version).toBe(2);
    const byPath = await sandbox.ssm.send(new GetParametersByPathCommand({ Path: '/l' }));
    expect(byPath.Parameters?.map((one) => one.Value)).toEqual(['d']);
    await sandbox.ssm.send(new DeleteParameterCommand({ Name: '/l/1' }));
    expect(await codeOf(sandbox.ssm.send(new GetParameterCommand({ Name: '/l/1' })))).toBe(
      'ParameterNotFound',
    );
  });
});

describe('the server', () => {
  it('has what it was told after a restart, in a file of its owner', async () => {
    directory = mkdtempSync(join(tmpdir(), 'sandbox-store-'));
    sandbox = await startSandbox({ store: fileStore(directory) });
    const { Vpc } = await sandbox.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    // No orderly end: what was answered must be on disk already.
    const second = await startSandbox({ store: fileStore(directory) });
    const { Vpcs } = await second.ec2.send(new DescribeVpcsCommand({ VpcIds: [Vpc!.VpcId!] }));
    expect(Vpcs).toHaveLength(1);
    expect(statSync(join(directory, 'aws.json')).mode & 0o777).toBe(0o600);
    await second.close();
  });

  it('lets a test lose an answer after the call was done', async () => {
    const faults: Fault[] = [{ kind: 'drop' }];
    sandbox = await startSandbox({
      fault: ({ action }) => (action === 'CreateVpc' ? faults.pop() : undefined),
    });
    await expect(sandbox.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).rejects.toThrow();
    expect((await sandbox.ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(2);
  });

  it('wants credentials and says which actions it lacks', async () => {
    sandbox = await startSandbox();
    const base = `http://127.0.0.1:${sandbox.server.port}/`;
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(base, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    const bare = await post('Action=DescribeVpcs&Version=2016-11-15');
    expect([bare.status, await bare.text()]).toEqual([
      401,
      expect.stringContaining('<Code>AuthFailure</Code>'),
    ]);
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/ec2/aws4_request';
    const unknown = await post('Action=MakeCoffee&Version=2016-11-15', { authorization });
    expect(await unknown.text()).toContain('<Code>InvalidAction</Code>');
  });

  it('listens on a further address of the same port', async () => {
    sandbox = await startSandbox();
    await sandbox.server.listen('127.0.0.2');
    const answer = await fetch(`http://127.0.0.2:${sandbox.server.port}/_sandbox/health`);
    expect(await answer.json()).toMatchObject({ ok: true, machines: false });
  });
});
