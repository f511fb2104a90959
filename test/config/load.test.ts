import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { loadConfig, type LoadOptions } from '../../src/config/load.js';
import { configSchema } from '../../src/config/schema.js';
import { CloudopsError } from '../../src/errors.js';
import { badConfigs } from './bad-configs.js';

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

describe('loadConfig', () => {
  it.each(badConfigs)('refuses %s', (_, text, ...expected) => {
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

  it('names dashboards and secrets from its own folder, or from the home of whoever runs it', () => {
    write(
      [
        'dashboards: { files: [boards, ~/mine.json, /srv/all.json] }',
        'alerting:',
        '  receivers:',
        '    - { type: slack, urlFile: secrets/slack }',
        '    - { type: webhook, urlFile: /etc/hook }',
        '    - { type: pagerduty, routingKeyFile: ~/key }',
        '    - { type: email, to: a@example.com, from: b@example.com, smarthost: "mail:25", passwordFile: ../mail }',
        '    - { type: email, to: a@example.com, from: b@example.com, smarthost: "mail:25" }',
      ].join('\n'),
    );
    const { config } = loadConfig({ cwd: tmpdir(), file: join(folder, 'cloudops.yaml') });
    expect(config.dashboards.files).toEqual([
      join(folder, 'boards'),
      join(homedir(), 'mine.json'),
      '/srv/all.json',
    ]);
    const secrets = config.alerting.receivers.map(
      (one) => Object.entries(one).find(([key]) => key.endsWith('File'))?.[1],
    );
    expect(secrets).toEqual([
      join(folder, 'secrets/slack'),
      '/etc/hook',
      join(homedir(), 'key'),
      join(folder, '../mail'),
      undefined,
    ]);
  });

  it("names Grafana's certificate from its own folder, too", () => {
    write('monitoring: { grafana: { https: { certificate: tls/grafana.crt, key: ~/grafana.key } } }');
    const { config } = loadConfig({ cwd: tmpdir(), file: join(folder, 'cloudops.yaml') });
    expect(config.monitoring.grafana.https).toEqual({
      certificate: join(folder, 'tls/grafana.crt'),
      key: join(homedir(), 'grafana.key'),
    });
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
