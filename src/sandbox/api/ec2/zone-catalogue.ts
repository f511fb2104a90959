/** Regions that every account may use without opting in, with the letters of their zones. */
const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'abcdef',
  'us-east-2': 'abc',
  'us-west-1': 'ac',
  'us-west-2': 'abcd',
  'ca-central-1': 'abd',
  'sa-east-1': 'abc',
  'eu-west-1': 'abc',
  'eu-west-2': 'abc',
  'eu-west-3': 'abc',
  'eu-central-1': 'abc',
  'eu-north-1': 'abc',
  'ap-south-1': 'abc',
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'ap-northeast-3': 'abc',
  'ap-southeast-1': 'abc',
  'ap-southeast-2': 'abc',
};

export const REGION_NAMES: readonly string[] = Object.keys(REGIONS);

/** Regions that the account would have to enable first; some of AWS's. */
export const DISABLED_REGIONS: readonly string[] = ['af-south-1', 'ap-east-1', 'eu-south-1', 'me-south-1'];

/** The availability zones of a region; a region the sandbox doesn't know has three. */
export function zonesOf(region: string): readonly string[] {
  return (REGIONS[region] ?? 'abc').split('').map((letter) => region + letter);
}

const DIRECTIONS: readonly (readonly [string, string])[] = [
  ['northeast', 'ne'],
  ['northwest', 'nw'],
  ['southeast', 'se'],
  ['southwest', 'sw'],
  ['central', 'c'],
  ['north', 'n'],
  ['south', 's'],
  ['east', 'e'],
  ['west', 'w'],
];

/** The zone's id, which is the same in every account: use1-az1. */
export function zoneId(zone: string): string {
  const region = zone.slice(0, -1);
  const short = DIRECTIONS.reduce((name, [word, letters]) => name.replace(word, letters), region);
  return `${short.replaceAll('-', '')}-az${zonesOf(region).indexOf(zone) + 1}`;
}
