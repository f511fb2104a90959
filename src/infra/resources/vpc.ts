import {
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  ModifyVpcAttributeCommand,
  paginateDescribeVpcs,
  type Vpc,
} from '@aws-sdk/client-ec2';
import { elect } from '../elect.js';
import { ensure, write } from '../ensure.js';
import { removeFrom } from '../holders.js';
import { gather } from '../pages.js';
import type { Aws, ResourceKind } from '../resource.js';
import { ifThere } from './role.js';
import { ownTags, retag, stackFilter, tagKeys, tagOnCreate, tagRecord, type Tags } from '../tags.js';

export interface VpcSpec {
  readonly cidr: string;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  readonly tags: Tags;
}

interface VpcRaw {
  readonly vpc: Vpc;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
}

const listVpcs = (aws: Aws): Promise<Vpc[]> =>
  gather(
    paginateDescribeVpcs({ client: aws.ec2.read }, { Filters: [stackFilter(aws)] }),
    (page) => page.Vpcs,
  );

async function attribute(aws: Aws, VpcId: string, name: 'enableDnsSupport' | 'enableDnsHostnames') {
  const command = new DescribeVpcAttributeCommand({ VpcId, Attribute: name });
  const answer = await aws.ec2.read.send(command);
  return (name === 'enableDnsSupport' ? answer.EnableDnsSupport : answer.EnableDnsHostnames)?.Value ?? false;
}

const dnsOf = (aws: Aws, id: string): Promise<[boolean, boolean]> =>
  Promise.all([attribute(aws, id, 'enableDnsSupport'), attribute(aws, id, 'enableDnsHostnames')]);

async function setAttribute(
  aws: Aws,
  VpcId: string,
  name: 'EnableDnsSupport' | 'EnableDnsHostnames',
  Value: boolean,
) {
  await write(aws, () => aws.ec2.write.send(new ModifyVpcAttributeCommand({ VpcId, [name]: { Value } })));
}

/** The network. AWS has no token and no natural key for it, so doubled ones are settled by an election. */
export const vpc: ResourceKind<VpcSpec, VpcRaw> = {
  kind: 'vpc',
  replaceOn: ['cidr'],
  needs: () => [],
  tagsOf: (raw) => tagRecord(raw.vpc.Tags),
  async list(aws, lean = false) {
    const vpcs = await listVpcs(aws);
    const found = await Promise.all(
      vpcs.map(async (one) => {
        const id = one.VpcId ?? '';
        const both = lean ? ([true, true] as const) : await ifThere(() => dnsOf(aws, id));
        // Somebody deleted it since it was listed.
        if (both === undefined) return [];
        const [dnsSupport, dnsHostnames] = both;
        const name = tagRecord(one.Tags)[tagKeys.name] ?? id;
        return [{ name, id, raw: { vpc: one, dnsSupport, dnsHostnames } }];
      }),
    );
    return found.flat();
  },
  read: ({ vpc: raw, dnsSupport, dnsHostnames }) => ({
    cidr: raw.CidrBlock ?? '',
    dnsSupport,
    dnsHostnames,
    tags: ownTags(tagRecord(raw.Tags)),
  }),
  async create(aws, name, spec, _idOf, signal) {
    const made = await ensure(aws, {
      what: `VPC ${name}`,
      duplicate: [],
      unique: false,
      signal,
      find: async () => (await mine(aws, name))[0]?.id,
      make: async () => {
        const TagSpecifications = tagOnCreate(aws, 'vpc', name, spec.tags);
        const command = new CreateVpcCommand({ CidrBlock: spec.cidr, TagSpecifications });
        return (await aws.ec2.write.send(command)).Vpc?.VpcId;
      },
    });
    const id = await elect(aws, made, {
      what: 'VPC',
      candidates: () => mine(aws, name),
      used: (ids) => withSubnets(aws, ids),
      discard: (VpcId) => aws.ec2.write.send(new DeleteVpcCommand({ VpcId })),
      signal,
    });
    // AWS turns DNS support on by itself.
    if (!spec.dnsSupport) await setAttribute(aws, id, 'EnableDnsSupport', false);
    if (spec.dnsHostnames) await setAttribute(aws, id, 'EnableDnsHostnames', true);
    return id;
  },
  async update(aws, id, spec, changed) {
    if (changed.includes('dnsSupport')) await setAttribute(aws, id, 'EnableDnsSupport', spec.dnsSupport);
    if (changed.includes('dnsHostnames'))
      await setAttribute(aws, id, 'EnableDnsHostnames', spec.dnsHostnames);
    await retag(aws, id, spec.tags, changed);
  },
  delete: (aws, id, signal) =>
    removeFrom(aws, {
      what: `VPC ${id}`,
      filter: { Name: 'vpc-id', Values: [id] },
      send: () => aws.ec2.write.send(new DeleteVpcCommand({ VpcId: id })),
      signal,
    }),
};

/** Subnets are the first thing that is made in a network. */
async function withSubnets(aws: Aws, ids: readonly string[]): Promise<string[]> {
  const Filters = [{ Name: 'vpc-id', Values: [...ids] }];
  const { Subnets } = await aws.ec2.read.send(new DescribeSubnetsCommand({ Filters }));
  return (Subnets ?? []).flatMap(({ VpcId }) => VpcId ?? []);
}

async function mine(aws: Aws, name: string): Promise<{ id: string; tags: Tags }[]> {
  const vpcs = await listVpcs(aws);
  return vpcs
    .map((one) => ({ id: one.VpcId ?? '', tags: tagRecord(one.Tags) }))
    .filter(({ tags }) => tags[tagKeys.name] === name);
}
