import {
  CreateTagsCommand,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CloudopsError } from '../../errors.js';
import { bySeniority, type Candidate } from '../elect.js';
import { ensure, remove, write } from '../ensure.js';
import { codeOf } from '../faults.js';
import { fullName } from '../names.js';
import type { Address, Aws, IdOf, Named } from '../resource.js';
import { allTags, tagKeys, tagRecord, type Tags } from '../tags.js';
import { token } from '../token.js';
import { poll } from '../wait.js';
import type { InstanceSpec } from './instance.js';
import { ended, endedHosts } from './instance-ended.js';
import { describeAll, ownNames, rootVolumeId, sharedFullName, sharedName } from './instance-list.js';

/** How long AWS may take to have an instance running, in ms. */
const patience = 300_000;

/** Starts hosts of equal spec by one call and waits until all run and have their addresses; ids in the order wanted. */
export async function launch(
  aws: Aws,
  wanted: readonly Named<InstanceSpec>[],
  idOf: IdOf,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names = wanted.map(({ name }) => name);
  const request = requestFor(aws, wanted, idOf);
  const present = async (): Promise<true | undefined> =>
    isComplete(names, await describeAll(aws)) ? true : undefined;
  await ensure<true>(aws, {
    what: `instances ${names.join(', ')}`,
    duplicate: [],
    unique: false,
    signal,
    find: present,
    make: () => run(aws, request, names, present, signal),
  });
  const hosts = await settle(aws, names, signal);
  if (names.length > 1 && names.length <= ownNames) await giveNames(aws, names, hosts);
  return hosts.map(({ InstanceId = '' }) => InstanceId);
}

/** A call gives all its hosts the same tags, so each gets its Name by a call of its own, all at once. */
async function giveNames(aws: Aws, names: readonly string[], hosts: readonly Instance[]): Promise<void> {
  const naming = hosts.map(async (host, index) => {
    const Tags = [{ Key: 'Name', Value: fullName(aws.stack, names[index] ?? '') }];
    if (tagRecord(host.Tags)['Name'] === Tags[0]?.Value) return;
    const interfaces = (host.NetworkInterfaces ?? []).map((one) => one.NetworkInterfaceId);
    const Resources = [host.InstanceId, rootVolumeId(host), ...interfaces].filter((id) => id !== undefined);
    await write(aws, () => aws.ec2.write.send(new CreateTagsCommand({ Resources, Tags })));
  });
  await Promise.all(naming);
}

/**
 * Sends the launch under a token that the same launch always has. An earlier life of the hosts had it too: when that
 * is over, or was started with other tags, the token is changed.
 */
async function run(
  aws: Aws,
  request: RunInstancesCommandInput,
  names: readonly string[],
  present: () => Promise<true | undefined>,
  signal: AbortSignal,
): Promise<true> {
  for (let salt = ''; ;) {
    const ClientToken = token(request.SubnetId ?? '', names.join(), shapeOf(request), salt);
    try {
      const { Instances = [] } = await aws.ec2.write.send(
        new RunInstancesCommand({ ...request, ClientToken }),
      );
      const dead = Instances.find((one) => /terminated|shutting-down/.test(one.State?.Name ?? ''));
      if (dead === undefined) return true;
      salt += dead.InstanceId ?? 'x';
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (!/^Idempotent(InstanceTerminated|ParameterMismatch)$/.test(code) || salt.length > 200) throw error;
      // Another run may have started them a moment ago: AWS lists them late.
      const limitMs = code === 'IdempotentParameterMismatch' ? 10_000 : 0;
      if ((await poll(aws, present, { limitMs, signal })) === true) return true;
      salt += aws.operation;
    }
  }
}

const isComplete = (names: readonly string[], present: readonly { name: string }[]): boolean =>
  names.every((name) => present.some((one) => one.name === name));

/** What decides the token beside place and names: the launch parameters without tags, which differ in each run. */
function shapeOf({ TagSpecifications: _, ...shape }: RunInstancesCommandInput): string {
  return JSON.stringify(shape);
}

function requestFor(aws: Aws, wanted: readonly Named<InstanceSpec>[], idOf: IdOf): RunInstancesCommandInput {
  const names = wanted.map(({ name }) => name);
  const spec = wanted[0]?.spec;
  if (spec === undefined) throw new Error('nothing to launch');
  const { volume, metadata } = spec;
  const idIf = (address: Address | undefined): string | undefined => address && idOf(address);
  const profile = idIf(spec.profile);
  return {
    ImageId: spec.image,
    InstanceType: spec.type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    MinCount: names.length,
    MaxCount: names.length,
    SubnetId: idIf(spec.subnet),
    SecurityGroupIds: spec.groups.map((group) => idOf(group)),
    // A key pair of the operator's is named as it is; its name may hold anything.
    KeyName: spec.key?.startsWith('key-pair/') === true ? idOf(spec.key) : spec.key,
    ...(profile !== undefined && { IamInstanceProfile: { Name: profile } }),
    BlockDeviceMappings: [
      {
        DeviceName: volume.device,
        Ebs: {
          VolumeSize: volume.size,
          VolumeType: volume.type as 'gp3',
          Encrypted: volume.encrypted,
          DeleteOnTermination: volume.endsWithHost,
        },
      },
    ],
    MetadataOptions: {
      HttpEndpoint: metadata.endpoint as 'enabled',
      HttpTokens: metadata.tokens as 'required',
      HttpPutResponseHopLimit: metadata.hopLimit,
    },
    ...(spec.credits !== undefined && { CreditSpecification: { CpuCredits: spec.credits } }),
    TagSpecifications: tagSpecifications(aws, names, spec),
  };
}

function tagSpecifications(
  aws: Aws,
  names: readonly string[],
  spec: InstanceSpec,
): NonNullable<RunInstancesCommandInput['TagSpecifications']> {
  const Name = sharedFullName(aws.stack, names[0] ?? '');
  const named = (tags: Tags): Tags => (names.length === 1 ? tags : { ...tags, Name });
  const more = { [tagKeys.role]: spec.role };
  const name = sharedName(names);
  return [
    { ResourceType: 'instance', Tags: allTags(aws, name, named(spec.tags), more) },
    { ResourceType: 'volume', Tags: allTags(aws, name, named(spec.volume.tags), more) },
    { ResourceType: 'network-interface', Tags: allTags(aws, name, named(spec.tags), more) },
  ];
}

/** Waits until each name has one running instance with its addresses. Of doubles the oldest stays; ours among the rest go. */
async function settle(aws: Aws, names: readonly string[], signal: AbortSignal): Promise<readonly Instance[]> {
  let seen: readonly (Instance | undefined)[] = [];
  const ready = await poll(
    aws,
    async () => {
      const present = await describeAll(aws);
      const elected = names.map((name) => {
        const candidates = present
          .filter((one) => one.name === name)
          .map(({ instance }) => ({
            id: instance.InstanceId ?? '',
            tags: tagRecord(instance.Tags),
            instance,
          }))
          .sort(byLaunch);
        return { winner: candidates[0]?.instance, losers: candidates.slice(1) };
      });
      const losers = elected
        .flatMap((one) => one.losers)
        .filter(({ tags }) => tags[tagKeys.operation] === aws.operation);
      if (losers.length > 0)
        await discard(
          aws,
          losers.map(({ id }) => id),
        );
      seen = elected.map(({ winner }) => winner);
      if (seen.includes(undefined)) {
        const gone = await endedHosts(aws, names);
        if (gone.length > 0) throw ended(gone);
      }
      return seen.every(isReady) ? (seen as readonly Instance[]) : undefined;
    },
    { limitMs: patience, firstMs: 250, signal },
  );
  if (ready === undefined) throw notRunning(names, seen);
  return ready;
}

/**
 * Which of two comes first by the service's own clock, which counts seconds, then by ours: a run that saw its host
 * alone and went on can't be beaten by one that starts later. Where tokens are honoured there are no doubles.
 */
function byLaunch(one: Launched, other: Launched): number {
  const [a = 0, b = 0] = [one, other].map(({ instance }) => instance.LaunchTime?.getTime());
  return a - b || bySeniority(one, other);
}

interface Launched extends Candidate {
  readonly instance: Instance;
}

async function discard(aws: Aws, InstanceIds: string[]): Promise<void> {
  await remove(aws, () => aws.ec2.write.send(new TerminateInstancesCommand({ InstanceIds })));
}

function isReady(instance: Instance | undefined): boolean {
  const state = instance?.State?.Name;
  return state === 'stopped' || (state === 'running' && instance?.PrivateIpAddress !== undefined);
}

function notRunning(names: readonly string[], seen: readonly (Instance | undefined)[]): CloudopsError {
  const states = names.map((name, index) => {
    const one = seen[index];
    return `${name} (${one?.InstanceId ?? 'not listed'}): ${one?.State?.Name ?? 'gone'} ${one?.StateReason?.Message ?? ''}`;
  });
  return new CloudopsError({
    code: 'INSTANCE_NOT_RUNNING',
    what: `${names.join(', ')} did not come up within ${patience / 60_000} minutes.`,
    why: states.join('; ').trim(),
    fix: [
      'When an instance ended at once, AWS could not use the key that encrypts its volume, or has no capacity.',
      "Look at it with 'cloudops infra status', then run the same command again.",
    ],
  });
}
