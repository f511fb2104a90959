import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { loadConfig, type LoadOptions } from '../../src/config/load.js';
import { configSchema } from '../../src/config/schema.js';
import { CloudopsError } from '../../src/errors.js';

let folder = '';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cloudops-config-')));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(text: string | Uint8Array): void {
  writeFileSync(join(folder, 'cloudops.yaml'), text);
}

/** What the operator sees of a bad config. */
function complaint(options: Partial<LoadOptions> = {}): string {
  try {
    loadConfig({ cwd: folder, ...options });
  } catch (error) {
    if (!(error instanceof CloudopsError)) throw error;
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
    return error.why ?? '';
  }
  throw new Error('this config was accepted');
}

const aliasBomb = [
  'tags:',
  '  a: &a [x, x, x, x, x, x, x, x, x]',
  '  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]',
  '  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]',
  '  d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]',
  '  e: [*d, *d, *d, *d, *d, *d, *d, *d, *d]',
].join('\n');

/** Each: what is wrong, the file, and lines that the complaint must hold. */
const bad: readonly (readonly [name: string, text: string | Uint8Array, ...expected: string[]])[] = [
  ['an unknown key', 'projct: demo', "cloudops.yaml:1: projct: is an unknown key; did you mean 'project'?"],
  [
    'an unknown key far from all',
    'zebra: 1',
    'cloudops.yaml:1: zebra: is an unknown key; known here: project,',
  ],
  [
    'an unknown key inside a section',
    '# top\nmonitoring:\n  prometheus:\n    retenton: 1d',
    "cloudops.yaml:4: monitoring.prometheus.retenton: is an unknown key; did you mean 'retention'?",
  ],
  ['a merge key', 'network:\n  <<: {vpcCidr: 10.0.0.0/16}', 'cloudops.yaml:2: network.<<: is an unknown key'],
  ['__proto__', '__proto__: {project: x}', 'cloudops.yaml:1: __proto__: is an unknown key'],
  [
    'a number for a name',
    'environment: 2024',
    'environment: must be text, not 2024; put it in quotes: "2024"',
  ],
  ['true for a name', 'project: true', 'project: must be text, not true; put it in quotes: "true"'],
  [
    'a text for a number',
    'application:\n  count: two',
    "application.count: must be a number, not the text 'two'",
  ],
  ['a fraction for a count', 'application:\n  count: 1.5', 'application.count: must be a whole number'],
  ['a list for a section', 'network: [a]', 'network: must be a section (indented keys under it), not a list'],
  ['a text for a section', 'ssh: key', "ssh: must be a section (indented keys under it), not the text 'key'"],
  ['a text for a list', 'access:\n  allowCidrs: 10.0.0.0/8', 'access.allowCidrs: must be a list'],
  ['a section without keys', 'network:\nproject: demo', 'cloudops.yaml:1: network: has no value'],
  ['a text for true or false', 'application:\n  enabled: "no"', 'application.enabled: must be true or false'],
  ['upper case', 'project: Demo', 'project: use lower-case letters, digits and dashes'],
  ['a name that is too long', `project: ${'a'.repeat(25)}`, 'project: must be at most 24 characters long'],
  ['no instance', 'application:\n  count: 0', 'application.count: must be at least 1'],
  ['too many instances', 'application:\n  count: 101', 'application.count: must be at most 100'],
  ['a small volume', 'monitoring:\n  volumeSize: 4', 'monitoring.volumeSize: must be at least 8'],
  ['a port beyond', 'ssh:\n  port: 70000', 'ssh.port: must be at most 65535'],
  ['a bad region', 'region: virginia', 'region: use a region such as us-east-1'],
  ['a bad choice', 'ssh:\n  via: shh', "ssh.via: must be ssh or ssm or auto; did you mean 'ssh'?"],
  ['a bad duration', 'monitoring:\n  prometheus:\n    retention: 10 days', 'use a Prometheus duration'],
  [
    'a bad address',
    'network:\n  vpcCidr: 10.0.0.300/16',
    'network.vpcCidr: use an IPv4 network such as 10.0.1.0/24',
  ],
  [
    'host bits',
    'network:\n  vpcCidr: 10.0.0.1/16',
    'network.vpcCidr: has host bits set; the network is 10.0.0.0/16',
  ],
  ['IPv6', 'access:\n  allowCidrs: ["::/0"]', 'access.allowCidrs[0]: use an IPv4 network'],
  [
    'an address without a mask',
    'access:\n  allowCidrs: [203.0.113.7]',
    'access.allowCidrs[0]: use an IPv4 network',
  ],
  [
    'overlapping subnets',
    'network:\n  subnetCidrs:\n    - 10.0.1.0/24\n    - 10.0.0.0/23',
    'cloudops.yaml:4: network.subnetCidrs[1]: 10.0.0.0/23 overlaps 10.0.1.0/24',
  ],
  [
    'a subnet outside',
    'network:\n  subnetCidrs: [10.0.1.0/24, 10.1.2.0/24]',
    'network.subnetCidrs[1]: 10.1.2.0/24 is not inside the VPC 10.0.0.0/16',
  ],
  ['one subnet', 'network:\n  subnetCidrs: [10.0.1.0/24]', 'network.subnetCidrs: must be at least 2 entries'],
  ['a large VPC', 'network:\n  vpcCidr: 10.0.0.0/8', 'network.vpcCidr: AWS takes /16 to /28 for a VPC'],
  ['a VPC without subnets', 'network:\n  vpcId: vpc-0a', 'network.vpcId: vpcId and subnetIds go together'],
  [
    'too few zones',
    'network:\n  zones: [us-east-1a]',
    'network.zones: name one zone for each of subnetCidrs',
  ],
  [
    'two keys',
    'ssh:\n  keyName: a\n  publicKeyPath: b',
    'cloudops.yaml:2: ssh.keyName: give keyName or publicKeyPath',
  ],
  ['an option as login', 'ssh:\n  user: -oProxyCommand=x', 'ssh.user: use a Linux login name'],
  [
    'two services on one port',
    'monitoring:\n  grafana:\n    port: 9090',
    'monitoring.grafana.port: port 9090 is taken by monitoring.prometheus.port on the same host',
  ],
  [
    'the application on 9100',
    'application:\n  port: 9100',
    'application.port: port 9100 is taken by monitoring.nodeExporter',
  ],
  [
    'a percentage of 100',
    'alerts:\n  highCpuUsage:\n    above: 100',
    'alerts.highCpuUsage.above: must be less than 100',
  ],
  ['a tag of ours', 'tags:\n  cloudops:stack: x', 'the prefixes aws: and cloudops: are reserved'],
  [
    'a number as tag',
    'tags:\n  costcenter: 42',
    'tags.costcenter: must be text, not 42; put it in quotes: "42"',
  ],
  ['a version with v', 'versions:\n  grafana: v12.4.0', 'versions.grafana: use a version such as'],
  ['a bad mirror', 'artifacts:\n  mirror: mirror', 'artifacts.mirror: must be a URL'],
  ['a bad image', 'ami: ubuntu', 'ami: use an image id or the path of a public SSM parameter'],
  [
    'a doubled key',
    'project: a\nenvironment: b\nproject: c',
    'cloudops.yaml:3: a key stands twice in the same place',
  ],
  ['a tab', 'network:\n\tvpcCidr: 10.0.0.0/16', 'cloudops.yaml:2: is indented with a tab; use spaces'],
  ['broken YAML', 'project: [demo', 'is not valid YAML'],
  ['several documents', 'project: aa\n---\nproject: bb', 'holds several documents'],
  ['an unknown tag', 'project: !secret x', 'cloudops.yaml:1: is not valid YAML'],
  ['a list as file', '- project', 'cloudops.yaml:1: must hold keys and values'],
  ['a text as file', 'project', 'cloudops.yaml:1: must hold keys and values'],
  ['an alias bomb', aliasBomb, "aliases can't be resolved"],
  ['an alias to nothing', 'project: *nobody', 'cloudops.yaml:1'],
  ['a circle', 'tags: &a\n  x: *a', 'tags.x: must be text, not a section'],
  ['latin-1', Uint8Array.from([...Buffer.from('project: caf'), 0xe9]), 'is not UTF-8 text'],
  ['UTF-16', Buffer.from('\ufeffproject: demo', 'utf16le'), 'is not UTF-8 text'],
  ['a megabyte', `# ${'x'.repeat(1024 * 1024)}`, 'is larger than 1 MB'],
  [
    'many problems at once, the unknown key and the overlap together',
    'projct: x\nnetwork:\n  subnetCidrs: [10.0.1.0/24, 10.0.1.0/25]\napplication:\n  count: x',
    'cloudops.yaml:1: projct:',
    'cloudops.yaml:3: network.subnetCidrs[1]: 10.0.1.0/25 overlaps 10.0.1.0/24',
    'cloudops.yaml:5: application.count:',
  ],
];

describe('loadConfig', () => {
  it.each(bad)('refuses %s', (_, text, ...expected) => {
    write(text);
    const why = complaint();
    for (const part of expected) expect(why).toContain(part);
  });

  it('has all defaults without a file', () => {
    expect(loadConfig({ cwd: folder })).toEqual({ config: configSchema.parse({}), file: undefined });
  });

  it.each([
    ['an empty file', ''],
    ['only comments', '# nothing\n'],
    ['a byte order mark', '\ufeffproject: smartcloudops\n'],
    ['Windows line ends', 'project: smartcloudops\r\nenvironment: dev\r\n'],
    ['an anchor used well', 'project: &name smartcloudops\ntags: {}\n'],
  ])('takes %s', (_, text) => {
    write(text);
    expect(loadConfig({ cwd: folder }).config).toEqual(configSchema.parse({}));
  });

  it('finds the nearest file upwards', () => {
    write('project: outer');
    const inner = join(folder, 'a', 'b');
    mkdirSync(inner, { recursive: true });
    expect(loadConfig({ cwd: inner })).toMatchObject({
      file: join(folder, 'cloudops.yaml'),
      config: { project: 'outer' },
    });
    writeFileSync(join(folder, 'a', 'cloudops.yaml'), 'project: nearer');
    expect(loadConfig({ cwd: inner }).config.project).toBe('nearer');
  });

  it('says so when the named file is missing or a directory', () => {
    expect(complaint({ file: 'nowhere.yaml' })).toBe(
      "nowhere.yaml: doesn't exist; 'cloudops init' writes one",
    );
    mkdirSync(join(folder, 'sub'));
    expect(complaint({ file: 'sub' })).toContain('sub: is a directory');
  });

  it('lets a flag beat the file, and names the flag when its value is wrong', () => {
    write('project: filed\nnetwork:\n');
    const from = (value: unknown) => [{ path: ['project'], value, from: '--project' }];
    writeFileSync(join(folder, 'cloudops.yaml'), 'project: filed');
    expect(loadConfig({ cwd: folder, overrides: from('flagged') }).config.project).toBe('flagged');
    expect(complaint({ overrides: from('Bad Name') })).toMatch(/^--project: project: use lower-case/);
  });

  it('puts a flag into a section that the file leaves out or empty', () => {
    write('access:\n');
    const overrides = [{ path: ['access', 'allowCidrs'], value: ['10.9.0.0/16'], from: '--allow-cidr' }];
    expect(loadConfig({ cwd: folder, overrides }).config.access.allowCidrs).toEqual(['10.9.0.0/16']);
  });

  it('returns or throws a CloudopsError with exit 2, whatever the file holds', () => {
    const known = [
      'project',
      'network',
      'vpcCidr',
      'subnetCidrs',
      'alerts',
      'tags',
      '__proto__',
      'constructor',
      '',
    ];
    const key = fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 12 }));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.anything({ maxDepth: 0 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
        fc.array(tie('tree'), { maxLength: 4 }),
      ),
    }));
    const text = fc.oneof(
      tree.map((data) => {
        try {
          return stringify(data === undefined ? null : data);
        } catch {
          return '';
        }
      }),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            'project',
            ': ',
            '\n',
            '  ',
            '- ',
            '&a ',
            '*a',
            '{',
            '}',
            '[',
            ']',
            '"',
            '|',
            '>',
            '#',
            '!t ',
            '? ',
            '\t',
            '<<',
          ),
          { maxLength: 30 },
        )
        .map((parts) => parts.join('')),
    );
    const content = fc.oneof(text, fc.uint8Array({ maxLength: 100 }));
    fc.assert(
      fc.property(content, (bytes) => {
        write(bytes);
        try {
          configSchema.parse(loadConfig({ cwd: folder }).config);
        } catch (error) {
          if (!(error instanceof CloudopsError)) throw error;
          expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
          expect(error.why).toContain('cloudops.yaml');
        }
      }),
      { numRuns: 400 },
    );
    expect(({} as { project?: string }).project).toBeUndefined();
  });
});
