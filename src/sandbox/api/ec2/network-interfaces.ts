import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { listed, PAGE, select, type Describable } from './describe.js';
import { association, groupSet, privateName } from './interface-view.js';
import type { Ec2Region, NetworkInterface } from './model.js';
import { tagSet } from './tagging.js';

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
    'attachment.status': () => 'attached',
    'attachment.device-index': () => 0,
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
    status: () => 'in-use',
  },
});

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
      status: 'in-use',
      macAddress: eni.mac,
      privateIpAddress: eni.privateIp,
      privateDnsName: name,
      sourceDestCheck: eni.sourceDestCheck,
      groupSet: groupSet(ec2, eni),
      attachment: {
        attachmentId: eni.attachmentId,
        instanceId: eni.instanceId,
        instanceOwnerId: ACCOUNT,
        deviceIndex: 0,
        networkCardIndex: 0,
        status: 'attached',
        attachTime: new Date(eni.attached),
        deleteOnTermination: eni.deleteOnTermination,
      },
      association: public_,
      tagSet: tagSet(eni.tags),
      privateIpAddressesSet: [
        { privateIpAddress: eni.privateIp, privateDnsName: name, primary: true, association: public_ },
      ],
      ipv6AddressesSet: [],
      interfaceType: 'interface',
    };
  };

export const interfaceActions: Actions = {
  DescribeNetworkInterfaces: (call) =>
    listed(
      'networkInterfaceSet',
      select(call.fields, Object.values(call.ec2.interfaces), kind(call.ec2)),
      render(call),
    ),
};
