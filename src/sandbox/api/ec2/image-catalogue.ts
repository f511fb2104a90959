import { steadyId } from '../ids.js';

/** A machine image the sandbox offers, and the public SSM parameters that name it. */
export interface Image {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly rootDevice: string;
  readonly rootGib: number;
  readonly snapshotId: string;
  readonly owner: string;
  readonly ownerAlias: string | undefined;
  readonly created: string;
  readonly parameters: readonly string[];
}

interface Family {
  readonly name: string;
  readonly description: string;
  readonly rootDevice: string;
  readonly rootGib: number;
  readonly owner: string;
  readonly ownerAlias: string | undefined;
  /** How this family writes an architecture in its image's name. */
  readonly words: Readonly<Record<'x86_64' | 'arm64', string>>;
  readonly parameters: (word: string) => readonly string[];
}

const CREATED = '2026-10-05T00:00:00.000Z';
const AMAZON = { owner: '137112412989', ownerAlias: 'amazon', rootDevice: '/dev/xvda' } as const;
const SAME = { x86_64: 'x86_64', arm64: 'arm64' } as const;
const DEBS = { x86_64: 'amd64', arm64: 'arm64' } as const;

const amazonLinux = (flavour: string, rootGib: number): Family => ({
  ...AMAZON,
  rootGib,
  name: `${flavour}-2023.9.20261005.0-kernel-6.1`,
  description: `Amazon Linux 2023 AMI 2023.9.20261005.0 ${flavour} HVM kernel-6.1`,
  words: SAME,
  parameters: (word) =>
    ['default', '6.1'].map(
      (kernel) => `/aws/service/ami-amazon-linux-latest/${flavour}-kernel-${kernel}-${word}`,
    ),
});

const ubuntu = (version: string, codename: string): Family => ({
  name: `ubuntu/images/hvm-ssd-gp3/ubuntu-${codename}-${version}-server-20261005`,
  description: `Canonical, Ubuntu, ${version}, image`,
  owner: '099720109477',
  ownerAlias: undefined,
  rootDevice: '/dev/sda1',
  rootGib: 8,
  words: DEBS,
  parameters: (word) =>
    ['ebs-gp2', 'ebs-gp3'].map(
      (disk) => `/aws/service/canonical/ubuntu/server/${version}/stable/current/${word}/hvm/${disk}/ami-id`,
    ),
});

const debian = (version: string): Family => ({
  name: `debian-${version}-20261005-2000`,
  description: `Debian ${version} (20261005-2000)`,
  owner: '136693071363',
  ownerAlias: 'amazon',
  rootDevice: '/dev/xvda',
  rootGib: 8,
  words: DEBS,
  parameters: (word) => [`/aws/service/debian/release/${version}/latest/${word}`],
});

const FAMILIES: readonly Family[] = [
  amazonLinux('al2023-ami', 8),
  amazonLinux('al2023-ami-minimal', 2),
  ubuntu('22.04', 'jammy'),
  ubuntu('24.04', 'noble'),
  debian('12'),
  debian('13'),
];

/** The images of a region: the same names everywhere, an id of its own in each region. */
export function imagesOf(region: string): readonly Image[] {
  return FAMILIES.flatMap((family) =>
    (['x86_64', 'arm64'] as const).map((architecture) => {
      const word = family.words[architecture];
      const name = `${family.name}-${word}`;
      return {
        ...family,
        name,
        architecture,
        id: steadyId('ami', `${region} ${name}`),
        snapshotId: steadyId('snap', `${region} ${name}`),
        created: CREATED,
        parameters: family.parameters(word),
      };
    }),
  );
}

/** Values of the public parameters of a region. */
export function imageParameters(region: string): ReadonlyMap<string, string> {
  return new Map(imagesOf(region).flatMap((image) => image.parameters.map((name) => [name, image.id])));
}
