import { flag } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { listed, PAGE, select, type Describable } from './describe.js';
import { association, privateName } from './interface-view.js';
import { renderReservation, renderState, STATE_CODES } from './instance-view.js';
import type { Instance } from './model.js';
import { interfaceOf, volumesOf } from './transitions.js';
import { zoneId } from './zone-catalogue.js';

const HOUR = 3_600_000;

/** Terminated instances are shown for an hour. */
export const visible = ({ ec2, now }: Call): readonly Instance[] =>
  Object.values(ec2.instances).filter((one) => one.state !== 'terminated' || now - one.since < HOUR);

export const instanceKind = ({ ec2, region }: Call): Describable<Instance> => {
  const eni = (instance: Instance) => interfaceOf(ec2, instance);
  const groups = (instance: Instance): readonly string[] => eni(instance)?.groups ?? [];
  const names = (instance: Instance) => groups(instance).map((id) => ec2.groups[id]?.name);
  const publicName = (instance: Instance) => {
    const one = eni(instance);
    return one === undefined ? undefined : association(ec2, region, one)?.publicDnsName;
  };
  return {
    ids: { parameter: 'InstanceId', prefix: 'i', of: (instance) => instance.id },
    tags: (instance) => instance.tags,
    page: PAGE,
    filters: {
      'instance-id': (one) => one.id,
      'instance-state-name': (one) => one.state,
      'instance-state-code': (one) => STATE_CODES[one.state],
      'instance-type': (one) => one.type,
      'image-id': (one) => one.imageId,
      'key-name': (one) => one.keyName,
      'vpc-id': (one) => (eni(one) === undefined ? undefined : one.vpcId),
      'subnet-id': (one) => (eni(one) === undefined ? undefined : one.subnetId),
      'network-interface.subnet-id': (one) => eni(one)?.subnetId,
      'network-interface.vpc-id': (one) => eni(one)?.vpcId,
      'network-interface.network-interface-id': (one) => eni(one)?.id,
      'network-interface.addresses.association.public-ip': (one) => eni(one)?.publicIp,
      'group-id': groups,
      'instance.group-id': groups,
      'network-interface.group-id': groups,
      'group-name': names,
      'instance.group-name': names,
      'availability-zone': (one) => one.zone,
      'availability-zone-id': (one) => zoneId(one.zone),
      architecture: (one) => one.architecture,
      'client-token': (one) => one.clientToken,
      'private-ip-address': (one) => eni(one)?.privateIp,
      'ip-address': (one) => eni(one)?.publicIp,
      'dns-name': publicName,
      'private-dns-name': (one) => privateName(region, one.privateIp),
      'iam-instance-profile.arn': (one) => one.profile?.arn,
      'iam-instance-profile.id': (one) => one.profile?.profileId,
      'block-device-mapping.volume-id': (one) => volumesOf(ec2, one).map((volume) => volume.id),
      'root-device-name': (one) => one.rootDevice,
      'root-device-type': () => 'ebs',
      'launch-time': (one) => new Date(one.launched).toISOString(),
      'reservation-id': (one) => one.reservationId,
      'owner-id': () => ACCOUNT,
      'state-reason-code': (one) => one.reason?.code,
      'metadata-options.http-tokens': (one) => one.metadata.httpTokens,
      'metadata-options.http-endpoint': (one) => one.metadata.httpEndpoint,
      'monitoring-state': (one) => (one.monitoring ? 'enabled' : 'disabled'),
      tenancy: (one) => one.tenancy,
      'virtualization-type': () => 'hvm',
      platform: () => undefined,
    },
  };
};

function describe(call: Call): Answer {
  const { found, nextToken } = select(call.fields, visible(call), instanceKind(call));
  const reservations = new Map<string, Instance[]>();
  for (const one of found)
    reservations.set(one.reservationId, [...(reservations.get(one.reservationId) ?? []), one]);
  return {
    reservationSet: [...reservations.values()].map((instances) => renderReservation(call, instances)),
    nextToken,
  };
}

function describeStatus(call: Call): Answer {
  const all = flag(call.fields, 'IncludeAllInstances') === true;
  const base = instanceKind(call);
  const status = { 'instance-status.status': health, 'system-status.status': health };
  const kind = { ...base, filters: { ...base.filters, ...status } };
  const selected = select(call.fields, visible(call), kind);
  const found = selected.found.filter((one) => all || one.state === 'running');
  return listed('instanceStatusSet', { ...selected, found }, (one) => ({
    instanceId: one.id,
    availabilityZone: one.zone,
    availabilityZoneId: zoneId(one.zone),
    instanceState: renderState(one.state),
    systemStatus: reachability(one),
    instanceStatus: reachability(one),
  }));
}

const health = (instance: Instance): string => (instance.state === 'running' ? 'ok' : 'not-applicable');

const reachability = (instance: Instance): Answer => ({
  status: health(instance),
  details: instance.state === 'running' ? [{ name: 'reachability', status: 'passed' }] : [],
});

function describeCredits(call: Call): Answer {
  const base = instanceKind(call);
  const filters = { 'instance-id': (one: Instance) => one.id };
  const selected = select(call.fields, visible(call), { ...base, filters });
  const found = selected.found.filter((one) => one.cpuCredits !== undefined && one.state !== 'terminated');
  return listed('instanceCreditSpecificationSet', { ...selected, found }, (one) => ({
    instanceId: one.id,
    cpuCredits: one.cpuCredits,
  }));
}

export const instanceActions: Actions = {
  DescribeInstances: describe,
  DescribeInstanceStatus: describeStatus,
  DescribeInstanceCreditSpecifications: describeCredits,
};
