import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVolumesCommand,
  GetConsoleOutputCommand,
  ImportKeyPairCommand,
  ModifyInstanceMetadataOptionsCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { GetCommandInvocationCommand, GetParameterCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
} from '@aws-sdk/client-iam';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Machines } from '../../src/sandbox/machines/machines.js';
import { codeOf, newPublicKey, startSandbox, type Sandbox } from './api-support.js';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function amazonLinux(): Promise<string> {
  const Name = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
  return (await sandbox.ssm.send(new GetParameterCommand({ Name }))).Parameter!.Value!;
}

async function newSubnet(): Promise<string> {
  const { Vpc } = await sandbox.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const command = new CreateSubnetCommand({ VpcId: Vpc!.VpcId!, CidrBlock: '10.0.1.0/24' });
  return (await sandbox.ec2.send(command)).Subnet!.SubnetId!;
}

async function run(more: Partial<RunInstancesCommandInput> = {}) {
  const ImageId = await amazonLinux();
  const input = { ImageId, InstanceType: 't3.small' as const, MinCount: 1, MaxCount: 1, ...more };
  return (await sandbox.ec2.send(new RunInstancesCommand(input))).Instances![0]!;
}

async function look(id: string) {
  const { Reservations } = await sandbox.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!;
}

async function until(id: string, state: string) {
  for (let n = 0; n < 100; n++) {
    const instance = await look(id);
    if (instance.State?.Name === state) return instance;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${id} never became ${state}`);
}

describe('instances without machines', () => {
  it('go from pending to running with disk, interface, tags and addresses', async () => {
    sandbox = await startSandbox({ transitionMs: 30 });
    const tags = (type: 'instance' | 'volume' | 'network-interface') => ({
      ResourceType: type,
      Tags: [{ Key: 'cloudops:stack', Value: 'a' }],
    });
    const made = await run({
      SubnetId: await newSubnet(),
      NetworkInterfaces: undefined,
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20, VolumeType: 'gp3', Encrypted: true } },
      ],
      TagSpecifications: [tags('instance'), tags('volume'), tags('network-interface')],
      MetadataOptions: { HttpTokens: 'optional' },
    });
    expect(made).toMatchObject({ State: { Name: 'pending' }, PrivateIpAddress: '10.0.1.4' });
    const id = made.InstanceId!;
    const running = await until(id, 'running');
    expect(running.PublicIpAddress).toBeUndefined();
    const Filters = [{ Name: 'tag:cloudops:stack', Values: ['a'] }];
    const { Volumes } = await sandbox.ec2.send(new DescribeVolumesCommand({ Filters }));
    expect(Volumes?.[0]).toMatchObject({ Size: 20, VolumeType: 'gp3', Encrypted: true, Iops: 3000 });
    expect(Volumes?.[0]?.KmsKeyId).toMatch(/^arn:aws:kms:us-east-1:/);
    const enis = await sandbox.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    expect(enis.NetworkInterfaces?.[0]?.Attachment?.InstanceId).toBe(id);
    await sandbox.ec2.send(
      new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, HttpTokens: 'required' }),
    );
    expect((await look(id)).MetadataOptions).toMatchObject({
      HttpTokens: 'required',
      HttpEndpoint: 'enabled',
    });
  });

  it('hold their subnet, then leave nothing but a tombstone that fades after an hour', async () => {
    let now = Date.UTC(2026, 10, 23);
    sandbox = await startSandbox({ clock: () => now });
    const SubnetId = await newSubnet();
    const { InstanceId } = await run({ SubnetId });
    const id = { InstanceIds: [InstanceId!] };
    expect(await codeOf(sandbox.ec2.send(new DeleteSubnetCommand({ SubnetId })))).toBe('DependencyViolation');
    await sandbox.ec2.send(new TerminateInstancesCommand(id));
    expect((await until(InstanceId!, 'terminated')).StateReason?.Code).toBe('Client.UserInitiatedShutdown');
    await sandbox.ec2.send(new DeleteSubnetCommand({ SubnetId }));
    expect((await sandbox.ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
    now += 3_700_000;
    expect(await codeOf(look(InstanceId!))).toBe('InvalidInstanceID.NotFound');
  });

  it('stop and start with another public address state', async () => {
    sandbox = await startSandbox();
    const made = await run();
    const id = { InstanceIds: [made.InstanceId!] };
    expect((await until(made.InstanceId!, 'running')).PublicIpAddress).toMatch(/^198\.51\.100\./);
    await sandbox.ec2.send(new StopInstancesCommand(id));
    expect((await until(made.InstanceId!, 'stopped')).PublicIpAddress).toBeUndefined();
    await sandbox.ec2.send(new StartInstancesCommand(id));
    expect((await until(made.InstanceId!, 'running')).PublicIpAddress).toMatch(/^198\.51\.100\./);
  });

  it('are launched once a token', async () => {
    sandbox = await startSandbox();
    const first = await run({ ClientToken: 'one' });
    expect((await run({ ClientToken: 'one' })).InstanceId).toBe(first.InstanceId);
    expect(await codeOf(run({ ClientToken: 'one', InstanceType: 't3.micro' }))).toBe(
      'IdempotentParameterMismatch',
    );
    await sandbox.ec2.send(new TerminateInstancesCommand({ InstanceIds: [first.InstanceId!] }));
    expect(await codeOf(run({ ClientToken: 'one' }))).toBe('IdempotentInstanceTerminated');
  });

  it.each<[string, Partial<RunInstancesCommandInput>, string]>([
    ['image', { ImageId: 'ami-0123456789abcdef0' }, 'InvalidAMIID.NotFound'],
    ['key', { KeyName: 'none' }, 'InvalidKeyPair.NotFound'],
    ['profile', { IamInstanceProfile: { Name: 'none' } }, 'InvalidParameterValue'],
    ['subnet', { SubnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound'],
    ['group', { SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
    ['architecture', { InstanceType: 't4g.small' }, 'InvalidParameterValue'],
    [
      'disk',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }] },
      'InvalidBlockDeviceMapping',
    ],
    ['quota', { InstanceType: 'm5.2xlarge', MinCount: 5, MaxCount: 5 }, 'VcpuLimitExceeded'],
  ])('refuses a wrong %s', async (_what, input, code) => {
    sandbox = await startSandbox();
    expect(await codeOf(run(input))).toBe(code);
    expect((await sandbox.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });

  it('can be told to by Systems Manager only with a machine', async () => {
    sandbox = await startSandbox();
    const { InstanceId } = await run();
    const command = new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [InstanceId!],
      Parameters: { commands: ['true'] },
    });
    await expect(sandbox.ssm.send(command)).rejects.toThrow(/API-only/);
  });
});

/** Machines that exist in this test's memory only. */
function memoryMachines(failing?: string): Machines & { readonly running: Set<string> } {
  const running = new Set<string>();
  return {
    running,
    unavailable: () => Promise.resolve(undefined),
    start: (spec) => {
      if (failing !== undefined) return Promise.reject(new Error(failing));
      running.add(spec.instanceId);
      return Promise.resolve({ publicIp: spec.privateIp });
    },
    stop: (id) => Promise.resolve(void running.delete(id)),
    resume: (id) => {
      running.add(id);
      return Promise.resolve({ publicIp: '10.9.9.9' });
    },
    reboot: () => Promise.resolve(),
    remove: (id) => Promise.resolve(void running.delete(id)),
    removeNetwork: () => Promise.resolve(),
    console: (id) => Promise.resolve(running.has(id) ? 'boot\r\n' : ''),
    exec: (id, script) => Promise.resolve({ code: 3, stdout: `${id} ran ${script}`, stderr: '' }),
  };
}

async function newProfile(): Promise<string> {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await sandbox.iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: policy }));
  await sandbox.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'p' }));
  await sandbox.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'p', RoleName: 'r' }));
  return 'p';
}

describe('instances with machines', () => {
  it('have their address, console and shell, and lose the machine at the end', async () => {
    const machines = memoryMachines();
    let ahead = 0;
    sandbox = await startSandbox({ machines, clock: () => Date.now() + ahead });
    const made = await run({ IamInstanceProfile: { Name: await newProfile() } });
    const id = made.InstanceId!;
    const running = await until(id, 'running');
    expect(running.PublicIpAddress).toBe(running.PrivateIpAddress);
    const console = await sandbox.ec2.send(new GetConsoleOutputCommand({ InstanceId: id, Latest: true }));
    expect(Buffer.from(console.Output!, 'base64').toString()).toBe('boot\r\n');
    const send = () =>
      sandbox.ssm.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [id],
          Parameters: { commands: ['id'] },
        }),
      );
    // Its agent has yet to boot.
    expect(await codeOf(send())).toBe('InvalidInstanceId');
    ahead = 10_000;
    const { Command } = await send();
    const invocation = new GetCommandInvocationCommand({ CommandId: Command!.CommandId!, InstanceId: id });
    // AWS doesn't know a command's results in the first moment.
    ahead -= 1_000;
    expect(await codeOf(sandbox.ssm.send(invocation))).toBe('InvocationDoesNotExist');
    ahead += 2_000;
    expect(await sandbox.ssm.send(invocation)).toMatchObject({
      Status: 'Failed',
      ResponseCode: 3,
      StandardOutputContent: expect.stringMatching(new RegExp(`^${id} ran [^]*\nid$`)),
    });
    await sandbox.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await until(id, 'terminated');
    expect(machines.running.size).toBe(0);
  });

  it('are terminated with the reason when the machine does not start', async () => {
    sandbox = await startSandbox({ machines: memoryMachines('no Docker here') });
    const { InstanceId } = await run();
    expect((await until(InstanceId!, 'terminated')).StateReason).toEqual({
      Code: 'Server.InternalError',
      Message: 'Server.InternalError: no Docker here',
    });
  });
});

describe('keys and images', () => {
  it('keeps an imported ed25519 key, refuses a second one of that name and garbage', async () => {
    sandbox = await startSandbox();
    const key = newPublicKey();
    const put = (text: string) =>
      sandbox.ec2.send(new ImportKeyPairCommand({ KeyName: 'k', PublicKeyMaterial: Buffer.from(text) }));
    await put(key);
    expect(await codeOf(put(key))).toBe('InvalidKeyPair.Duplicate');
    expect(await codeOf(put('no key'))).toBe('InvalidKey.Format');
    const { KeyPairs } = await sandbox.ec2.send(new DescribeKeyPairsCommand({ IncludePublicKey: true }));
    expect(KeyPairs?.[0]).toMatchObject({ KeyName: 'k', KeyType: 'ed25519', PublicKey: key });
  });

  it('knows the image that the public parameter names', async () => {
    sandbox = await startSandbox();
    const ImageIds = [await amazonLinux()];
    const { Images } = await sandbox.ec2.send(new DescribeImagesCommand({ ImageIds }));
    expect(Images?.[0]).toMatchObject({
      RootDeviceName: '/dev/xvda',
      State: 'available',
      Architecture: 'x86_64',
    });
  });
});
