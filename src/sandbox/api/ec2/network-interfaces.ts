import { ApiError } from '../../protocol/api-error.js';
import { need, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { formatIp, parseCidr, size } from '../cidr.js';
import { newId } from '../ids.js';
import { ACCOUNT } from '../world.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { pick } from './errors.js';
import { association, groupSet, macOf, privateName } from './interface-view.js';
import { checkGroups } from './launch-references.js';
import type { Ec2Region, NetworkInterface, Subnet } from './model.js';
import { tagsFor, tagSet } from './tagging.js';

const kind = (ec2: Ec2Region): Describable<NetworkInterface> => ({
  ids: { parameter: 'NetworkInterfaceId', prefix: 'eni', of: (eni) => eni.id },
  tags: (eni) => eni.tags,
  page: PAGE,
  filters: {
    'network-interface-id': (eni) => eni.id,
    'vpc-id': (eni) => eni.vpcId,
    'subnet-id': (eni) => eni.subnetId,
    'group-id': (eni) => eni.groups,
    'group-name': (eni) => eni.groups.map((id) => ec2.groups[id]?.name),
    'availability-zone': (eni) => eni.zone,
    'attachment.instance-id': (eni) => eni.instanceId,
    'attachment.attachment-id': (eni) => eni.attachmentId,
    'attachment.status': (eni) => (eni.instanceId === undefined ? undefined : 'attached'),
    'attachment.device-index': (eni) => (eni.instanceId === undefined ? undefined : 0),
    'private-ip-address': (eni) => eni.privateIp,
    'addresses.private-ip-address': (eni) => eni.privateIp,
    'association.public-ip': (eni) => eni.publicIp,
    'addresses.association.public-ip': (eni) => eni.publicIp,
    'mac-address': (eni) => eni.mac,
    description: (eni) => eni.description,
    'interface-type': () => 'interface',
    'owner-id': () => ACCOUNT,
    'requester-managed': () => false,
    'source-dest-check': (eni) => eni.sourceDestCheck,
    status: statusOf,
  },
});

const statusOf = ({ instanceId }: NetworkInterface): string =>
  instanceId === undefined ? 'available' : 'in-use';

const attachmentOf = (eni: NetworkInterface): Answer =>
  eni.instanceId === undefined
    ? undefined
    : {
        attachmentId: eni.attachmentId,
        instanceId: eni.instanceId,
        instanceOwnerId: ACCOUNT,
        deviceIndex: 0,
        networkCardIndex: 0,
        status: 'attached',
        attachTime: new Date(eni.attached),
        deleteOnTermination: eni.deleteOnTermination,
      };

const render =
  ({ ec2, region }: Call) =>
  (eni: NetworkInterface): Answer => {
    const name = privateName(region, eni.privateIp);
    const public_ = association(ec2, region, eni);
    return {
      networkInterfaceId: eni.id,
      subnetId: eni.subnetId,
      vpcId: eni.vpcId,
      availabilityZone: eni.zone,
      description: eni.description,
      ownerId: ACCOUNT,
      requesterManaged: false,
      status: statusOf(eni),
      macAddress: eni.mac,
      privateIpAddress: eni.privateIp,
      privateDnsName: name,
      sourceDestCheck: eni.sourceDestCheck,
      groupSet: groupSet(ec2, eni),
      attachment: attachmentOf(eni),
      association: public_,
      tagSet: tagSet(eni.tags),
      privateIpAddressesSet: [
        { privateIpAddress: eni.privateIp, privateDnsName: name, primary: true, association: public_ },
      ],
      ipv6AddressesSet: [],
      interfaceType: 'interface',
    };
  };

function create(call: Call): Answer {
  const { ec2, fields } = call;
  const subnet = pick(ec2.subnets, 'subnet', need(fields, 'SubnetId'));
  const given = texts(fields, 'SecurityGroupId');
  checkGroups(ec2, subnet.vpcId, given);
  const usual = Object.values(ec2.groups).find((one) => one.vpcId === subnet.vpcId && one.name === 'default');
  const id = newId('eni');
  const eni: NetworkInterface = {
    id,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    mac: macOf(id),
    privateIp: freeAddress(ec2, subnet, text(fields, 'PrivateIpAddress')),
    description: text(fields, 'Description') ?? '',
    instanceId: undefined,
    attachmentId: undefined,
    attached: 0,
    wantsPublicIp: false,
    publicIp: undefined,
    deleteOnTermination: false,
    sourceDestCheck: true,
    groups: given.length > 0 ? [...new Set(given)] : usual === undefined ? [] : [usual.id],
    tags: tagsFor(fields, 'network-interface'),
  };
  ec2.interfaces[eni.id] = eni;
  return { networkInterface: render(call)(eni) };
}

/** The wanted address, or the lowest free one: AWS keeps the first four and the last of a subnet. */
function freeAddress(ec2: Ec2Region, subnet: Subnet, wanted: string | undefined): string {
  const used = new Set(Object.values(ec2.interfaces).map((one) => `${one.vpcId} ${one.privateIp}`));
  const block = parseCidr(subnet.cidr);
  const all = Array.from({ length: size(block?.bits ?? 32) }, (_, index) => (block?.base ?? 0) + index);
  const free = all
    .slice(4, -1)
    .map(formatIp)
    .filter((ip) => !used.has(`${subnet.vpcId} ${ip}`));
  const chosen = wanted === undefined ? free[0] : free.find((ip) => ip === wanted);
  if (chosen !== undefined) return chosen;
  throw wanted === undefined
    ? new ApiError('InsufficientFreeAddressesInSubnet', `The subnet '${subnet.id}' has no free addresses.`)
    : new ApiError('InvalidIPAddress.InUse', `Address ${wanted} is in use.`);
}

function remove({ fields, ec2 }: Call): Answer {
  const eni = pick(ec2.interfaces, 'eni', need(fields, 'NetworkInterfaceId'));
  if (eni.instanceId !== undefined)
    throw new ApiError('InvalidNetworkInterface.InUse', `Network interface '${eni.id}' is currently in use.`);
  Reflect.deleteProperty(ec2.interfaces, eni.id);
  return DONE;
}

export const interfaceActions: Actions = {
  CreateNetworkInterface: create,
  DeleteNetworkInterface: remove,
  DescribeNetworkInterfaces: (call) =>
    listed(
      'networkInterfaceSet',
      select(call.fields, Object.values(call.ec2.interfaces), kind(call.ec2)),
      render(call),
    ),
};
