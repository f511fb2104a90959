import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { knownKeys, shapeOf } from '../../src/config/issues.js';
import { sampleConfig } from '../../src/config/sample.js';
import { configSchema } from '../../src/config/schema.js';
import { template } from '../../src/templates.js';

const text = template('cloudops.yaml');
const defaults = configSchema.parse({});

/** The file with every commented-out key put to use. */
const all = parse(
  text.replaceAll(/^( *)# ((?: {2})?\w+:.*)$/gm, '$1$2').replaceAll(/^# {3}# .*$/gm, ''),
) as object;

/** Every key of the schema as a dotted path, sections included. */
function paths(path: readonly string[] = []): string[] {
  return knownKeys(path).flatMap((key) => [[...path, key].join('.'), ...paths([...path, key])]);
}

function at(data: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], data);
}

describe('the sample config', () => {
  it('shows nothing but defaults', () => {
    expect(configSchema.parse(parse(text))).toEqual(defaults);
  });

  it('has every key of the schema, and no other', () => {
    expect(paths().length).toBeGreaterThan(50);
    expect(paths().filter((path) => at(all, path) === undefined)).toEqual([]);
    const result = configSchema.safeParse(all);
    const unknown = result.error?.issues.filter(({ code }) => code === 'unrecognized_keys') ?? [];
    expect(unknown).toEqual([]);
  });

  it('has every key that has a default uncommented', () => {
    const given = parse(text) as object;
    const leaves = paths().filter((path) => knownKeys(path.split('.')).length === 0 && path !== 'tags');
    for (const path of leaves) expect([path, at(given, path)]).toEqual([path, at(defaults, path)]);
    expect(Object.keys(shapeOf(configSchema) ?? {}).length).toBeGreaterThan(10);
  });

  it('takes what init decided', () => {
    const made = parse(
      sampleConfig({
        project: 'shop',
        environment: 'prod',
        region: 'eu-central-1',
        allowCidrs: ['10.1.0.0/16'],
      }),
    ) as unknown;
    expect(configSchema.parse(made)).toEqual({
      ...defaults,
      project: 'shop',
      environment: 'prod',
      region: 'eu-central-1',
      access: { allowCidrs: ['10.1.0.0/16'] },
    });
  });
});
