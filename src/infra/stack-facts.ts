import { DescribeAvailabilityZonesCommand, paginateDescribeInstanceTypeOfferings } from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { Config } from '../config/schema.js';
import { CloudopsError } from '../errors.js';
import { explain } from './aws-errors.js';
import { codeOf } from './faults.js';
import { describeImage } from './images.js';
import { gather } from './pages.js';
import type { Aws } from './resource.js';
import type { StackFacts } from './stack.js';

export type AwsFacts = Pick<StackFacts, 'region' | 'image' | 'rootDevice' | 'zones'>;

/** Asks AWS for what the config leaves open: image, its root device, zones. All at once, two round trips. */
export async function readFacts(aws: Aws, config: Config): Promise<AwsFacts> {
  const [machine, zones] = await Promise.all([findImage(aws, config.ami), findZones(aws, config)]);
  return { region: aws.region, ...machine, zones };
}

/** The image that the config names, itself or by a parameter. */
export async function findImage(aws: Aws, ami: string): Promise<{ image: string; rootDevice: string }> {
  const image = ami.startsWith('ami-') ? ami : await imageFrom(aws, ami);
  const found = await describeImage(aws, image);
  return { image, rootDevice: found?.RootDeviceName ?? '/dev/xvda' };
}

async function imageFrom(aws: Aws, Name: string): Promise<string> {
  try {
    const { Parameter } = await aws.ssm.read.send(new GetParameterCommand({ Name }));
    return Parameter?.Value ?? '';
  } catch (error) {
    throw codeOf(error) === 'ParameterNotFound' ? explain(error, `find the image by ${Name}`) : error;
  }
}

/** The zones where both instance types can run, in alphabetical order. */
export async function findZones(aws: Aws, config: Config): Promise<string[]> {
  const types = [...new Set([config.monitoring.instanceType, config.application.instanceType])];
  const usual = {
    'zone-type': 'availability-zone',
    'opt-in-status': 'opt-in-not-required',
    state: 'available',
  };
  const Filters = Object.entries(usual).map(([Name, value]) => ({ Name, Values: [value] }));
  const [{ AvailabilityZones = [] }, offers] = await Promise.all([
    aws.ec2.read.send(new DescribeAvailabilityZonesCommand({ Filters })),
    gather(
      paginateDescribeInstanceTypeOfferings(
        { client: aws.ec2.read },
        { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: types }] },
      ),
      (page) => page.InstanceTypeOfferings,
    ),
  ]);
  const names = AvailabilityZones.flatMap(({ ZoneName }) => ZoneName ?? []);
  const zones = zonesFor(
    types,
    names,
    offers.map(({ InstanceType, Location }) => ({ type: InstanceType ?? '', zone: Location ?? '' })),
  );
  if (zones.length > 0) return zones;
  throw new CloudopsError({
    code: 'TYPE_NOT_OFFERED',
    what: `No zone of ${aws.region} offers ${types.join(' and ')}.`,
    why: `Looked at ${names.join(', ')}.`,
    fix: ["Set another 'instanceType' in cloudops.yaml, or use another '--region'."],
  });
}

/** Pure: the zones, sorted, that offer every type. */
export function zonesFor(
  types: readonly string[],
  zones: readonly string[],
  offers: readonly { readonly type: string; readonly zone: string }[],
): string[] {
  const offered = (zone: string, type: string): boolean =>
    offers.some((offer) => offer.zone === zone && offer.type === type);
  return zones.filter((zone) => types.every((type) => offered(zone, type))).sort();
}
