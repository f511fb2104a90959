/** An instance type, as far as the sandbox tells about it. */
export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly burstable: boolean;
  readonly freeTier: boolean;
  readonly current: boolean;
}

const SIZES: Readonly<Record<string, readonly [vcpus: number, gib: number]>> = {
  nano: [2, 0.5],
  micro: [2, 1],
  small: [2, 2],
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  '2xlarge': [8, 32],
};

const FREE: readonly string[] = [
  't3.micro',
  't3.small',
  't4g.micro',
  't4g.small',
  'c7i-flex.large',
  'm7i-flex.large',
];

interface Family {
  readonly name: string;
  readonly sizes: readonly string[];
  /** Memory against the general-purpose sizes above. */
  readonly memory: number;
  readonly arm: boolean;
}

const burst = Object.keys(SIZES);
const large = ['large', 'xlarge', '2xlarge'];
const family = (name: string, sizes: readonly string[], memory = 1, arm = false): Family => ({
  name,
  sizes,
  memory,
  arm,
});

const FAMILIES: readonly Family[] = [
  family('t2', ['micro', 'small', 'medium', 'large']),
  family('t3', burst),
  family('t3a', burst),
  family('t4g', burst, 1, true),
  family('m5', large),
  family('m6i', large),
  family('m6g', large, 1, true),
  family('m7i', large),
  family('m7g', large, 1, true),
  family('m7i-flex', large),
  family('c5', large, 0.5),
  family('c6i', large, 0.5),
  family('c7i', large, 0.5),
  family('c7i-flex', large, 0.5),
  family('c7g', large, 0.5, true),
  family('r5', large, 2),
  family('r6i', large, 2),
];

export const INSTANCE_TYPES: readonly InstanceType[] = FAMILIES.flatMap(({ name, sizes, memory, arm }) =>
  sizes.map((size) => {
    const [vcpus = 2, gib = 1] = SIZES[size] ?? [];
    const full = `${name}.${size}`;
    return {
      name: full,
      vcpus: name === 't2' && (size === 'micro' || size === 'small') ? 1 : vcpus,
      memoryMib: gib * 1024 * memory,
      architecture: arm ? ('arm64' as const) : ('x86_64' as const),
      burstable: name.startsWith('t'),
      freeTier: FREE.includes(full),
      current: name !== 't2' || size !== 'nano',
    };
  }),
);

export const findType = (name: string): InstanceType | undefined =>
  INSTANCE_TYPES.find((type) => type.name === name);

/** us-east-1e is the old zone that has only old types; AWS's is like that too. */
export const offeredIn = (type: InstanceType, zone: string): boolean =>
  zone !== 'us-east-1e' || type.name.startsWith('t2.') || type.name.startsWith('m5.');
