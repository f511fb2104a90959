import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DescribeInternetGatewaysCommand,
  DetachInternetGatewayCommand,
  type InternetGateway,
  paginateDescribeInternetGateways,
} from '@aws-sdk/client-ec2';
import { elect } from '../elect.js';
import { ensure, remove, write } from '../ensure.js';
import { codeOf } from '../faults.js';
import { removeFrom } from '../holders.js';
import { gather } from '../pages.js';
import type { Address, Aws, ResourceKind } from '../resource.js';
import { ownTags, retag, stackFilter, tagKeys, tagOnCreate, tagRecord, type Tags } from '../tags.js';

export interface InternetGatewaySpec {
  /** The network it is attached to. */
  readonly vpc: Address | undefined;
  readonly tags: Tags;
}

const listGateways = (aws: Aws): Promise<InternetGateway[]> =>
  gather(
    paginateDescribeInternetGateways({ client: aws.ec2.read }, { Filters: [stackFilter(aws)] }),
    (page) => page.InternetGateways,
  );

async function attach(
  aws: Aws,
  InternetGatewayId: string,
  VpcId: string,
  signal?: AbortSignal,
): Promise<void> {
  const command = { InternetGatewayId, VpcId };
  const send = () => aws.ec2.write.send(new AttachInternetGatewayCommand(command));
  await write(aws, send, { done: ['Resource.AlreadyAssociated'], signal });
}

async function detach(
  aws: Aws,
  InternetGatewayId: string,
  VpcId: string,
  signal: AbortSignal,
): Promise<void> {
  await removeFrom(aws, {
    what: `internet gateway ${InternetGatewayId}`,
    filter: { Name: 'vpc-id', Values: [VpcId] },
    only: 'public',
    send: () =>
      write(aws, () => aws.ec2.write.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId })), {
        done: ['Gateway.NotAttached'],
        awaits: false,
      }),
    signal,
  });
}

async function attachedTo(aws: Aws, id: string): Promise<string[]> {
  const command = new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] });
  const { InternetGateways } = await aws.ec2.read.send(command);
  return (InternetGateways?.[0]?.Attachments ?? []).flatMap(({ VpcId }) => VpcId ?? []);
}

/** The way out to the internet, attached to the network. */
export const internetGateway: ResourceKind<InternetGatewaySpec, InternetGateway> = {
  kind: 'internet-gateway',
  replaceOn: [],
  needs: (spec) => (spec.vpc === undefined ? [] : [spec.vpc]),
  tagsOf: (raw) => tagRecord(raw.Tags),
  async list(aws) {
    const gateways = await listGateways(aws);
    listed.set(aws.ec2, gateways);
    return gateways.map((raw) => {
      const id = raw.InternetGatewayId ?? '';
      return { name: tagRecord(raw.Tags)[tagKeys.name] ?? id, id, raw };
    });
  },
  read: (raw, nameOf) => ({
    vpc: nameOf('vpc', raw.Attachments?.[0]?.VpcId) as Address | undefined,
    tags: ownTags(tagRecord(raw.Tags)),
  }),
  async create(aws, name, spec, idOf, signal) {
    const made = await ensure(aws, {
      what: `internet gateway ${name}`,
      duplicate: [],
      unique: false,
      signal,
      find: async () => (await mine(aws, name))[0]?.id,
      make: async () => {
        const TagSpecifications = tagOnCreate(aws, 'internet-gateway', name, spec.tags);
        const answer = await aws.ec2.write.send(new CreateInternetGatewayCommand({ TagSpecifications }));
        return answer.InternetGateway?.InternetGatewayId;
      },
    });
    const id = await elect(aws, made, {
      what: 'internet gateway',
      candidates: () => mine(aws, name),
      used: () => attached(aws),
      discard: (InternetGatewayId) =>
        aws.ec2.write.send(new DeleteInternetGatewayCommand({ InternetGatewayId })),
      signal,
    });
    if (spec.vpc !== undefined) await attach(aws, id, idOf(spec.vpc), signal);
    return id;
  },
  async update(aws, id, spec, changed, idOf) {
    if (changed.includes('vpc') && spec.vpc !== undefined) {
      const wanted = idOf(spec.vpc);
      const others = (await attachedTo(aws, id)).filter((vpcId) => vpcId !== wanted);
      for (const other of others) await detach(aws, id, other, new AbortController().signal);
      await attach(aws, id, wanted);
    }
    await retag(aws, id, spec.tags, changed);
  },
  async delete(aws, id, signal) {
    const InternetGatewayId = id;
    const command = new DeleteInternetGatewayCommand({ InternetGatewayId });
    for (const VpcId of attachmentsListed(aws, id)) await detach(aws, id, VpcId, signal);
    try {
      await remove(aws, () => aws.ec2.write.send(command), signal);
    } catch (error) {
      if (codeOf(error) !== 'DependencyViolation') throw error;
      // Attached since it was listed.
      for (const VpcId of await attachedTo(aws, id)) await detach(aws, id, VpcId, signal);
      await remove(aws, () => aws.ec2.write.send(command), signal);
    }
  },
};

async function attached(aws: Aws): Promise<string[]> {
  const gateways = await listGateways(aws);
  return gateways
    .filter(({ Attachments = [] }) => Attachments.length > 0)
    .map((one) => one.InternetGatewayId ?? '');
}

/** The gateways as the plan was made from them: so that a deletion needn't ask again. */
const listed = new WeakMap<Aws['ec2'], readonly InternetGateway[]>();

function attachmentsListed(aws: Aws, id: string): string[] {
  const gateway = listed.get(aws.ec2)?.find((one) => one.InternetGatewayId === id);
  return (gateway?.Attachments ?? []).flatMap(({ VpcId }) => VpcId ?? []);
}

async function mine(aws: Aws, name: string): Promise<{ id: string; tags: Tags }[]> {
  const gateways = await listGateways(aws);
  return gateways
    .map((one) => ({ id: one.InternetGatewayId ?? '', tags: tagRecord(one.Tags) }))
    .filter(({ tags }) => tags[tagKeys.name] === name);
}
