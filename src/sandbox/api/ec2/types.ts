import { ApiError } from '../../protocol/api-error.js';
import { text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { listed, PAGE, select, type Describable } from './describe.js';
import { invalid } from './errors.js';
import { findType, INSTANCE_TYPES, offeredIn, type InstanceType } from './type-catalogue.js';
import { zoneId, zonesOf } from './zone-catalogue.js';

const kind: Describable<InstanceType> = {
  page: { min: 5, max: 100 },
  filters: {
    'instance-type': (type) => type.name,
    'current-generation': (type) => type.current,
    'free-tier-eligible': (type) => type.freeTier,
    'burstable-performance-supported': (type) => type.burstable,
    'processor-info.supported-architecture': (type) => type.architecture,
    'vcpu-info.default-vcpus': (type) => type.vcpus,
    'memory-info.size-in-mib': (type) => type.memoryMib,
    'bare-metal': () => false,
    hypervisor: () => 'nitro',
    'supported-virtualization-type': () => 'hvm',
    'supported-root-device-type': () => 'ebs',
    'supported-usage-class': () => ['on-demand', 'spot'],
  },
};

const render = (type: InstanceType): Answer => ({
  instanceType: type.name,
  currentGeneration: type.current,
  freeTierEligible: type.freeTier,
  supportedUsageClasses: ['on-demand', 'spot'],
  supportedRootDeviceTypes: ['ebs'],
  supportedVirtualizationTypes: ['hvm'],
  bareMetal: false,
  hypervisor: 'nitro',
  processorInfo: { supportedArchitectures: [type.architecture] },
  vCpuInfo: { defaultVCpus: type.vcpus, defaultCores: type.vcpus / 2 || 1, defaultThreadsPerCore: 2 },
  memoryInfo: { sizeInMiB: type.memoryMib },
  instanceStorageSupported: false,
  ebsInfo: { ebsOptimizedSupport: 'default', encryptionSupport: 'supported', nvmeSupport: 'required' },
  networkInfo: {
    networkPerformance: 'Up to 5 Gigabit',
    maximumNetworkInterfaces: 3,
    maximumNetworkCards: 1,
    defaultNetworkCardIndex: 0,
    networkCards: [
      { networkCardIndex: 0, networkPerformance: 'Up to 5 Gigabit', maximumNetworkInterfaces: 3 },
    ],
    ipv4AddressesPerInterface: 6,
    ipv6AddressesPerInterface: 6,
    ipv6Supported: true,
    enaSupport: 'required',
    efaSupported: false,
  },
  placementGroupInfo: { supportedStrategies: ['partition', 'spread'] },
  hibernationSupported: false,
  burstablePerformanceSupported: type.burstable,
  dedicatedHostsSupported: false,
  autoRecoverySupported: true,
  supportedBootModes: ['uefi', 'legacy-bios'],
});

function describe({ fields }: Call): Answer {
  const wanted = texts(fields, 'InstanceType');
  const unknown = wanted.filter((name) => findType(name) === undefined);
  if (unknown.length > 0)
    throw new ApiError(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  const all = INSTANCE_TYPES.filter((type) => wanted.length === 0 || wanted.includes(type.name));
  return listed('instanceTypeSet', select(fields, all, kind), render);
}

interface Offering {
  readonly type: string;
  readonly location: string;
}

const offeringKind: Describable<Offering> = {
  page: PAGE,
  filters: { 'instance-type': (one) => one.type, location: (one) => one.location },
};

function offerings({ fields, region }: Call): Answer {
  const by = text(fields, 'LocationType') ?? 'region';
  if (!['region', 'availability-zone', 'availability-zone-id'].includes(by))
    throw invalid(by, 'LocationType');
  const zones = by === 'region' ? [undefined] : zonesOf(region);
  const all = INSTANCE_TYPES.flatMap((type) =>
    zones
      .filter((zone) => zone === undefined || offeredIn(type, zone))
      .map((zone) => ({ type: type.name, location: locationName(zone, by, region) })),
  );
  return listed('instanceTypeOfferingSet', select(fields, all, offeringKind), (one) => ({
    instanceType: one.type,
    locationType: by,
    location: one.location,
  }));
}

function locationName(zone: string | undefined, by: string, region: string): string {
  if (zone === undefined) return region;
  return by === 'availability-zone-id' ? zoneId(zone) : zone;
}

export const typeActions: Actions = {
  DescribeInstanceTypes: describe,
  DescribeInstanceTypeOfferings: offerings,
};
