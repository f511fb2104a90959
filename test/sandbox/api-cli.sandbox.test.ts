import { CreateVpcCommand, ImportKeyPairCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { newPublicKey, startSandbox, type Sandbox } from './api-support.js';

const missing = spawnSync('aws', ['--version']).status !== 0;
if (missing) process.stderr.write('skipped: the aws client is not on this machine\n');

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  const Name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
  const ImageId = (await sandbox.ssm.send(new GetParameterCommand({ Name }))).Parameter!.Value!;
  await sandbox.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const PublicKeyMaterial = Buffer.from(newPublicKey());
  await sandbox.ec2.send(new ImportKeyPairCommand({ KeyName: 'k', PublicKeyMaterial }));
  await sandbox.ec2.send(
    new RunInstancesCommand({ ImageId, InstanceType: 't3.micro', KeyName: 'k', MinCount: 1, MaxCount: 1 }),
  );
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await sandbox.iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: document }));
});
afterAll(() => sandbox.close());

async function aws(...args: readonly string[]): Promise<Record<string, unknown>> {
  const env = {
    PATH: process.env['PATH'],
    AWS_ENDPOINT_URL: `http://127.0.0.1:${sandbox.server.port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
  };
  const { stdout } = await promisify(execFile)('aws', [...args, '--output', 'json'], { env });
  return JSON.parse(stdout) as Record<string, unknown>;
}

(missing ? describe.skip : describe)('the official aws client', () => {
  it.each<[string, string, string, number]>([
    ['ec2', 'describe-vpcs', 'Vpcs', 2],
    ['ec2', 'describe-subnets', 'Subnets', 6],
    ['ec2', 'describe-internet-gateways', 'InternetGateways', 1],
    ['ec2', 'describe-route-tables', 'RouteTables', 2],
    ['ec2', 'describe-network-acls', 'NetworkAcls', 2],
    ['ec2', 'describe-security-groups', 'SecurityGroups', 2],
    ['ec2', 'describe-security-group-rules', 'SecurityGroupRules', 4],
    ['ec2', 'describe-key-pairs', 'KeyPairs', 1],
    ['ec2', 'describe-instances', 'Reservations', 1],
    ['ec2', 'describe-instance-status', 'InstanceStatuses', 1],
    ['ec2', 'describe-volumes', 'Volumes', 1],
    ['ec2', 'describe-network-interfaces', 'NetworkInterfaces', 1],
    ['ec2', 'describe-availability-zones', 'AvailabilityZones', 6],
    ['iam', 'list-roles', 'Roles', 1],
    ['ssm', 'describe-instance-information', 'InstanceInformationList', 0],
  ])(
    'reads %s %s',
    async (service, command, list, count) => {
      expect((await aws(service, command))[list]).toHaveLength(count);
    },
    30_000,
  );

  it('says the code of an error', async () => {
    await expect(aws('ec2', 'describe-vpcs', '--vpc-ids', 'vpc-0123456789abcdef0')).rejects.toThrow(
      'InvalidVpcID.NotFound',
    );
  }, 30_000);
});
