import { flag, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { listed, select, type Describable } from './describe.js';
import { invalid } from './errors.js';
import { DISABLED_REGIONS, REGION_NAMES, zoneId, zonesOf } from './zone-catalogue.js';

const OPEN = 'opt-in-not-required';

const zoneKind = (region: string): Describable<string> => ({
  filters: {
    'zone-name': (zone) => zone,
    'zone-id': zoneId,
    'zone-type': () => 'availability-zone',
    'zone-state': () => 'available',
    state: () => 'available',
    'opt-in-status': () => OPEN,
    'region-name': () => region,
    'group-name': () => `${region}-zg-1`,
    'parent-zone-id': () => undefined,
    'parent-zone-name': () => undefined,
  },
});

function describeZones({ fields, region }: Call): Answer {
  const names = texts(fields, 'ZoneName');
  const ids = texts(fields, 'ZoneId');
  const zones = zonesOf(region);
  const unknown = names.find((name) => !zones.includes(name));
  if (unknown !== undefined) throw invalid(unknown, 'availabilityZone');
  const wanted = zones.filter(
    (zone) =>
      (names.length === 0 || names.includes(zone)) && (ids.length === 0 || ids.includes(zoneId(zone))),
  );
  return listed('availabilityZoneInfo', select(fields, wanted, zoneKind(region)), (zone) => ({
    zoneName: zone,
    zoneId: zoneId(zone),
    zoneState: 'available',
    regionName: region,
    zoneType: 'availability-zone',
    optInStatus: OPEN,
    groupName: `${region}-zg-1`,
    networkBorderGroup: region,
    messageSet: [],
  }));
}

const optInStatus = (region: string): string => (DISABLED_REGIONS.includes(region) ? 'not-opted-in' : OPEN);

const regionKind: Describable<string> = {
  filters: {
    'region-name': (region) => region,
    endpoint: (region) => `ec2.${region}.amazonaws.com`,
    'opt-in-status': optInStatus,
  },
};

function describeRegions({ fields }: Call): Answer {
  const names = texts(fields, 'RegionName');
  const known = [...REGION_NAMES, ...(flag(fields, 'AllRegions') === true ? DISABLED_REGIONS : [])];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(unknown, 'region');
  const wanted = known.filter((region) => names.length === 0 || names.includes(region));
  return listed('regionInfo', select(fields, wanted, regionKind), (region) => ({
    regionName: region,
    regionEndpoint: `ec2.${region}.amazonaws.com`,
    optInStatus: optInStatus(region),
  }));
}

export const zoneActions: Actions = {
  DescribeAvailabilityZones: describeZones,
  DescribeRegions: describeRegions,
};
