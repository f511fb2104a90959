import type { Answer } from '../../protocol/xml.js';
import type { Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { association, groupSet, privateName } from './interface-view.js';
import { renderMetadata } from './metadata.js';
import type { Ec2Region, Instance, NetworkInterface, StateName } from './model.js';
import { tagSet } from './tagging.js';
import { interfaceOf, volumesOf } from './transitions.js';
import { zoneId } from './zone-catalogue.js';

export const STATE_CODES: Readonly<Record<StateName, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const renderState = (name: StateName): Answer => ({ code: STATE_CODES[name], name });

/** Instances of one RunInstances call, as it and DescribeInstances answer them. */
export function renderReservation(call: Call, instances: readonly Instance[]): Answer {
  return {
    reservationId: instances[0]?.reservationId,
    ownerId: ACCOUNT,
    groupSet: [],
    instancesSet: instances.map((instance) => renderInstance(call, instance)),
  };
}

function renderInstance(call: Call, instance: Instance): Answer {
  const { ec2, region } = call;
  const eni = interfaceOf(ec2, instance);
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: renderState(instance.state),
    privateDnsName: eni === undefined ? '' : privateName(region, instance.privateIp),
    dnsName: (eni === undefined ? undefined : publicDns(ec2, region, eni)) ?? '',
    reason: instance.transitionReason,
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.type,
    launchTime: new Date(instance.launched),
    placement: {
      availabilityZone: instance.zone,
      availabilityZoneId: zoneId(instance.zone),
      groupName: '',
      tenancy: instance.tenancy,
    },
    monitoring: { state: instance.monitoring ? 'enabled' : 'disabled' },
    ...network(call, instance, eni),
    ...hardware(ec2, instance),
    stateReason: instance.reason,
    tagSet: tagSet(instance.tags),
    metadataOptions: renderMetadata(instance.metadata),
  };
}

/** What a terminated instance no longer has. */
function network(
  { ec2, region }: Call,
  instance: Instance,
  eni: NetworkInterface | undefined,
): Record<string, Answer> {
  if (eni === undefined) return { groupSet: [], networkInterfaceSet: [] };
  return {
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    privateIpAddress: instance.privateIp,
    ipAddress: eni.publicIp,
    sourceDestCheck: eni.sourceDestCheck,
    groupSet: groupSet(ec2, eni),
    networkInterfaceSet: [renderInterface(ec2, region, eni)],
    iamInstanceProfile:
      instance.profile === undefined
        ? undefined
        : { arn: instance.profile.arn, id: instance.profile.profileId },
  };
}

function renderInterface(ec2: Ec2Region, region: string, eni: NetworkInterface): Answer {
  const public_ = association(ec2, region, eni);
  const name = privateName(region, eni.privateIp);
  return {
    networkInterfaceId: eni.id,
    subnetId: eni.subnetId,
    vpcId: eni.vpcId,
    description: eni.description,
    ownerId: ACCOUNT,
    status: 'in-use',
    macAddress: eni.mac,
    privateIpAddress: eni.privateIp,
    privateDnsName: name,
    sourceDestCheck: eni.sourceDestCheck,
    groupSet: groupSet(ec2, eni),
    attachment: {
      attachmentId: eni.attachmentId,
      deviceIndex: 0,
      networkCardIndex: 0,
      status: 'attached',
      attachTime: new Date(eni.attached),
      deleteOnTermination: eni.deleteOnTermination,
    },
    association: public_,
    privateIpAddressesSet: [
      { privateIpAddress: eni.privateIp, privateDnsName: name, primary: true, association: public_ },
    ],
    ipv6AddressesSet: [],
    interfaceType: 'interface',
  };
}

/** The volumes of an instance, as descriptions of it list them. */
export function blockDevices(ec2: Ec2Region, instance: Instance): Answer[] {
  return volumesOf(ec2, instance).map((volume) => ({
    deviceName: volume.attachment?.device,
    ebs: {
      volumeId: volume.id,
      status: 'attached',
      attachTime: new Date(volume.attachment?.attached ?? 0),
      deleteOnTermination: volume.attachment?.deleteOnTermination,
    },
  }));
}

function hardware(ec2: Ec2Region, instance: Instance): Record<string, Answer> {
  return {
    architecture: instance.architecture,
    rootDeviceType: 'ebs',
    rootDeviceName: instance.rootDevice,
    blockDeviceMapping: blockDevices(ec2, instance),
    virtualizationType: 'hvm',
    clientToken: instance.clientToken ?? '',
    hypervisor: 'xen',
    ebsOptimized: instance.ebsOptimized,
    enaSupport: true,
    cpuOptions: { coreCount: 1, threadsPerCore: 2 },
    capacityReservationSpecification: { capacityReservationPreference: 'open' },
    hibernationOptions: { configured: false },
    enclaveOptions: { enabled: false },
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
    usageOperationUpdateTime: new Date(instance.launched),
    privateDnsNameOptions: {
      hostnameType: 'ip-name',
      enableResourceNameDnsARecord: false,
      enableResourceNameDnsAAAARecord: false,
    },
    maintenanceOptions: { autoRecovery: 'default' },
    currentInstanceBootMode: 'uefi',
  };
}

const publicDns = (ec2: Ec2Region, region: string, eni: NetworkInterface): string | undefined => {
  const found = association(ec2, region, eni);
  return found?.publicDnsName;
};
