import {
  CreateSubnetCommand,
  DeleteSubnetCommand,
  ModifySubnetAttributeCommand,
  paginateDescribeSubnets,
  type Filter,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { ensure, write } from '../ensure.js';
import { removeFrom } from '../holders.js';
import { gather } from '../pages.js';
import type { Address, Aws, ResourceKind } from '../resource.js';
import { ownTags, retag, stackFilter, tagKeys, tagOnCreate, tagRecord, type Tags } from '../tags.js';

export interface SubnetSpec {
  readonly vpc: Address | undefined;
  readonly cidr: string;
  readonly zone: string;
  readonly publicIps: boolean;
  readonly tags: Tags;
}

const listSubnets = (aws: Aws, more: Filter[] = []): Promise<Subnet[]> =>
  gather(
    paginateDescribeSubnets({ client: aws.ec2.read }, { Filters: [stackFilter(aws), ...more] }),
    (page) => page.Subnets,
  );

async function givePublicIps(aws: Aws, SubnetId: string, Value: boolean): Promise<void> {
  const command = { SubnetId, MapPublicIpOnLaunch: { Value } };
  await write(aws, () => aws.ec2.write.send(new ModifySubnetAttributeCommand(command)));
}

/** One public subnet in one zone. */
export const subnet: ResourceKind<SubnetSpec, Subnet> = {
  kind: 'subnet',
  replaceOn: ['vpc', 'cidr', 'zone'],
  needs: (spec) => (spec.vpc === undefined ? [] : [spec.vpc]),
  tagsOf: (raw) => tagRecord(raw.Tags),
  shows: (raw) => ({ zone: raw.AvailabilityZone ?? '', cidr: raw.CidrBlock ?? '' }),
  async list(aws) {
    const subnets = await listSubnets(aws);
    return subnets.map((raw) => {
      const id = raw.SubnetId ?? '';
      return { name: tagRecord(raw.Tags)[tagKeys.name] ?? id, id, raw };
    });
  },
  read: (raw, nameOf) => ({
    vpc: nameOf('vpc', raw.VpcId) as Address,
    cidr: raw.CidrBlock ?? '',
    zone: raw.AvailabilityZone ?? '',
    publicIps: raw.MapPublicIpOnLaunch ?? false,
    tags: ownTags(tagRecord(raw.Tags)),
  }),
  async create(aws, name, spec, idOf, signal) {
    const VpcId = idOf(spec.vpc as Address);
    const id = await ensure(aws, {
      what: `subnet ${spec.cidr} in ${VpcId}`,
      duplicate: ['InvalidSubnet.Conflict'],
      unique: true,
      signal,
      find: async () => {
        const here = { Name: 'vpc-id', Values: [VpcId] };
        const found = await listSubnets(aws, [here]);
        return found.find((one) => one.CidrBlock === spec.cidr)?.SubnetId;
      },
      make: async () => {
        const TagSpecifications = tagOnCreate(aws, 'subnet', name, spec.tags);
        const place = { VpcId, CidrBlock: spec.cidr, AvailabilityZone: spec.zone };
        const answer = await aws.ec2.write.send(new CreateSubnetCommand({ ...place, TagSpecifications }));
        return answer.Subnet?.SubnetId;
      },
    });
    if (spec.publicIps) await givePublicIps(aws, id, true);
    return id;
  },
  async update(aws, id, spec, changed) {
    if (changed.includes('publicIps')) await givePublicIps(aws, id, spec.publicIps);
    await retag(aws, id, spec.tags, changed);
  },
  delete: (aws, id, signal) =>
    removeFrom(aws, {
      what: `subnet ${id}`,
      filter: { Name: 'subnet-id', Values: [id] },
      send: () => aws.ec2.write.send(new DeleteSubnetCommand({ SubnetId: id })),
      signal,
    }),
};
