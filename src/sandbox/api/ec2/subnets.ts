import { ApiError } from '../../protocol/api-error.js';
import { attributeFlag, need, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { contains, formatCidr, overlap, parseCidr, size, type Block } from '../cidr.js';
import { newId } from '../ids.js';
import { ACCOUNT } from '../world.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { dependency, invalid, pick } from './errors.js';
import type { Ec2Region, Subnet, Vpc } from './model.js';
import { addSubnet } from './region.js';
import { tagsFor, tagSet } from './tagging.js';
import { zoneId, zonesOf } from './zone-catalogue.js';

const arn = (call: Call, subnet: Subnet): string =>
  `arn:aws:ec2:${call.region}:${ACCOUNT}:subnet/${subnet.id}`;

const kind = (call: Call): Describable<Subnet> => ({
  ids: { parameter: 'SubnetId', prefix: 'subnet', of: (subnet) => subnet.id },
  tags: (subnet) => subnet.tags,
  page: PAGE,
  filters: {
    'subnet-id': (subnet) => subnet.id,
    'vpc-id': (subnet) => subnet.vpcId,
    'availability-zone': (subnet) => subnet.zone,
    availabilityZone: (subnet) => subnet.zone,
    'availability-zone-id': (subnet) => zoneId(subnet.zone),
    availabilityZoneId: (subnet) => zoneId(subnet.zone),
    'available-ip-address-count': (subnet) => freeAddresses(call.ec2, subnet),
    cidr: (subnet) => subnet.cidr,
    cidrBlock: (subnet) => subnet.cidr,
    'cidr-block': (subnet) => subnet.cidr,
    'default-for-az': (subnet) => subnet.isDefault,
    defaultForAz: (subnet) => subnet.isDefault,
    'map-public-ip-on-launch': (subnet) => subnet.mapPublicIp,
    'owner-id': () => ACCOUNT,
    state: () => 'available',
    'subnet-arn': (subnet) => arn(call, subnet),
  },
});

const render =
  (call: Call) =>
  (subnet: Subnet): Answer => ({
    subnetId: subnet.id,
    subnetArn: arn(call, subnet),
    state: 'available',
    ownerId: ACCOUNT,
    vpcId: subnet.vpcId,
    cidrBlock: subnet.cidr,
    ipv6CidrBlockAssociationSet: [],
    availableIpAddressCount: freeAddresses(call.ec2, subnet),
    availabilityZone: subnet.zone,
    availabilityZoneId: zoneId(subnet.zone),
    defaultForAz: subnet.isDefault,
    mapPublicIpOnLaunch: subnet.mapPublicIp,
    mapCustomerOwnedIpOnLaunch: false,
    assignIpv6AddressOnCreation: subnet.assignIpv6,
    enableDns64: subnet.dns64,
    ipv6Native: false,
    privateDnsNameOptionsOnLaunch: {
      hostnameType: subnet.hostnameType,
      enableResourceNameDnsARecord: subnet.dnsARecord,
      enableResourceNameDnsAAAARecord: subnet.dnsAaaaRecord,
    },
    tagSet: tagSet(subnet.tags),
  });

/** Addresses left: AWS keeps the first four and the last of a subnet. */
function freeAddresses(ec2: Ec2Region, subnet: Subnet): number {
  const used = Object.values(ec2.interfaces).filter((one) => one.subnetId === subnet.id).length;
  return size(parseCidr(subnet.cidr)?.bits ?? 32) - 5 - used;
}

function createSubnet(call: Call): Answer {
  const vpc = pick(call.ec2.vpcs, 'vpc', need(call.fields, 'VpcId'));
  const block = checkCidr(call.ec2, vpc, need(call.fields, 'CidrBlock'));
  const zone = chooseZone(call);
  const tags = tagsFor(call.fields, 'subnet');
  const subnet = addSubnet(call.ec2, {
    id: newId('subnet'),
    vpcId: vpc.id,
    cidr: formatCidr(block),
    zone,
    isDefault: false,
    mapPublicIp: false,
    tags,
  });
  return { subnet: render(call)(subnet) };
}

function checkCidr(ec2: Ec2Region, vpc: Vpc, given: string): Block {
  const block = parseCidr(given);
  const around = parseCidr(vpc.cidr);
  if (block === undefined || around === undefined)
    throw invalid(given, 'cidrBlock', 'This is not a valid CIDR block.');
  if (block.bits < 16 || block.bits > 28 || !contains(around, block))
    throw new ApiError('InvalidSubnet.Range', `The CIDR '${given}' is invalid.`);
  for (const other of Object.values(ec2.subnets)) {
    const taken = other.vpcId === vpc.id ? parseCidr(other.cidr) : undefined;
    if (taken !== undefined && overlap(taken, block))
      throw new ApiError('InvalidSubnet.Conflict', `The CIDR '${given}' conflicts with another subnet`);
  }
  return block;
}

function chooseZone({ fields, region }: Call): string {
  const zones = zonesOf(region);
  const byId = text(fields, 'AvailabilityZoneId');
  const given = text(fields, 'AvailabilityZone') ?? zones.find((zone) => zoneId(zone) === byId) ?? byId;
  const zone = given ?? zones[0] ?? `${region}a`;
  if (!zones.includes(zone))
    throw invalid(
      zone,
      'availabilityZone',
      `Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
    );
  return zone;
}

const describeSubnets = (call: Call): Answer =>
  listed('subnetSet', select(call.fields, Object.values(call.ec2.subnets), kind(call)), render(call));

function modifySubnetAttribute({ fields, ec2 }: Call): Answer {
  const subnet = pick(ec2.subnets, 'subnet', need(fields, 'SubnetId'));
  subnet.mapPublicIp = attributeFlag(fields, 'MapPublicIpOnLaunch') ?? subnet.mapPublicIp;
  subnet.assignIpv6 = attributeFlag(fields, 'AssignIpv6AddressOnCreation') ?? subnet.assignIpv6;
  subnet.dns64 = attributeFlag(fields, 'EnableDns64') ?? subnet.dns64;
  subnet.hostnameType = text(fields, 'PrivateDnsHostnameTypeOnLaunch') ?? subnet.hostnameType;
  subnet.dnsARecord = attributeFlag(fields, 'EnableResourceNameDnsARecordOnLaunch') ?? subnet.dnsARecord;
  subnet.dnsAaaaRecord =
    attributeFlag(fields, 'EnableResourceNameDnsAAAARecordOnLaunch') ?? subnet.dnsAaaaRecord;
  return DONE;
}

function deleteSubnet({ fields, ec2 }: Call): Answer {
  const subnet = pick(ec2.subnets, 'subnet', need(fields, 'SubnetId'));
  if (Object.values(ec2.interfaces).some((one) => one.subnetId === subnet.id))
    throw dependency(`The subnet '${subnet.id}' has dependencies and cannot be deleted.`);
  for (const table of Object.values(ec2.routeTables))
    table.associations = table.associations.filter((one) => one.subnetId !== subnet.id);
  Reflect.deleteProperty(ec2.subnets, subnet.id);
  return DONE;
}

export const subnetActions: Actions = {
  CreateSubnet: createSubnet,
  DescribeSubnets: describeSubnets,
  ModifySubnetAttribute: modifySubnetAttribute,
  DeleteSubnet: deleteSubnet,
};
