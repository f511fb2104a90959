import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { discover } from '../../src/infra/discover.js';
import { kinds } from '../../src/infra/kinds.js';
import type { Action } from '../../src/infra/plan.js';
import type { Desired } from '../../src/infra/resource.js';
import type { Emulator } from '../support/aws-at.js';
import { apply, desiredOf, gist, planOf } from '../support/stack.js';

/** One field of one resource, changed in what is wanted. */
interface Case {
  readonly address: string;
  readonly path: string;
  /** The new value; a function gets the old one; undefined removes a key. */
  readonly to: unknown;
  readonly action: Action;
  /** More fields that the change shows in. */
  readonly also?: readonly string[];
}

const statement = { Effect: 'Allow', Action: 'ec2:DescribeTags', Resource: '*' };

/** A row for each field that AWS can change in place, and for one of each kind that it can't. */
const cases: readonly Case[] = [
  { address: 'vpc/main', path: 'dnsHostnames', to: false, action: 'update' },
  { address: 'vpc/main', path: 'dnsSupport', to: false, action: 'update' },
  { address: 'vpc/main', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'vpc/main', path: 'cidr', to: '10.0.0.0/17', action: 'replace' },
  { address: 'subnet/public-1', path: 'publicIps', to: false, action: 'update' },
  { address: 'subnet/public-1', path: 'tags.Name', to: 'other', action: 'update' },
  { address: 'subnet/public-2', path: 'cidr', to: '10.0.3.0/24', action: 'replace' },
  { address: 'internet-gateway/main', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'route-table/public', path: 'subnets', to: ['subnet/public-1'], action: 'update' },
  {
    address: 'route-table/public',
    path: 'routes.198.51.100.0/24',
    to: 'internet-gateway/main',
    action: 'update',
  },
  { address: 'route-table/public', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'security-group/web', path: 'ingress.tcp 8080 from 0.0.0.0/0', to: 'more', action: 'update' },
  { address: 'security-group/web', path: 'ingress.tcp 80 from 0.0.0.0/0', to: undefined, action: 'update' },
  {
    address: 'security-group/web',
    path: 'ingress.tcp 443 from 0.0.0.0/0',
    to: 'other words',
    action: 'update',
  },
  { address: 'security-group/monitoring', path: 'egress.tcp 443 to 0.0.0.0/0', to: 'out', action: 'update' },
  { address: 'security-group/monitoring', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'key-pair/main', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'role/host', path: 'policy.Statement', to: [statement], action: 'update' },
  { address: 'role/host', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'instance-profile/host', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'instance/monitoring', path: 'groups', to: ['security-group/web'], action: 'update' },
  { address: 'instance/monitoring', path: 'metadata.hopLimit', to: 1, action: 'update' },
  { address: 'instance/monitoring', path: 'metadata.tokens', to: 'optional', action: 'update' },
  { address: 'instance/monitoring', path: 'volume.size', to: 30, action: 'update' },
  { address: 'instance/monitoring', path: 'volume.tags.Owner', to: 'ops', action: 'update' },
  { address: 'instance/monitoring', path: 'tags.Owner', to: 'ops', action: 'update' },
  { address: 'instance/application-1', path: 'type', to: 't3.micro', action: 'update' },
  { address: 'instance/application-1', path: 'volume.size', to: 8, action: 'replace' },
  { address: 'instance/application-1', path: 'volume.encrypted', to: false, action: 'replace' },
];

function changed(desired: readonly Desired[], { address, path, to }: Case): Desired[] {
  const [top = '', ...rest] = path.split('.');
  const inner = rest.join('.').replace(/^tags\./, '');
  return desired.map((one) => {
    if (`${one.kind}/${one.name}` !== address) return one;
    const spec = structuredClone(one.spec) as Record<string, Record<string, unknown>>;
    const holder = rest[0] === 'tags' ? (spec[top]?.['tags'] as Record<string, unknown>) : spec[top];
    if (rest.length === 0) (spec as Record<string, unknown>)[top] = to;
    else if (to === undefined) delete holder?.[inner];
    else if (holder !== undefined) holder[inner] = to;
    return { ...one, spec };
  });
}

/** What every resource kind promises, on whatever speaks AWS's protocols. */
export function contract(
  name: string,
  start: () => Promise<Emulator>,
  suite: typeof describe | typeof describe.skip,
): void {
  suite(`resource kinds on ${name}`, () => {
    let emulator: Emulator;
    let desired: Desired[];
    beforeAll(async () => {
      emulator = await start();
      desired = await desiredOf(emulator.aws());
      await apply(emulator.aws(), desired);
    }, 90_000);
    afterAll(() => emulator.close());

    it('covers every kind', () => {
      expect(new Set(cases.map(({ address }) => address.split('/')[0]))).toEqual(new Set(kinds.keys()));
    });

    it('plans nothing after a creation', async () => {
      expect(gist(await planOf(emulator.aws(), desired))).toEqual([]);
    });

    it.each(cases)(
      '$action $address for $path',
      async (row) => {
        const wanted = changed(desired, row);
        const made = await planOf(emulator.aws(), wanted);
        const change = made.changes.find(({ address }) => address === row.address);
        expect(change?.action).toBe(row.action);
        expect(change?.fields.map(({ path }) => path)).toEqual([row.path]);
        await apply(emulator.aws(), wanted);
        expect(gist(await planOf(emulator.aws(), wanted))).toEqual([]);
        await apply(emulator.aws(), desired);
        expect(gist(await planOf(emulator.aws(), desired))).toEqual([]);
      },
      60_000,
    );

    it('leaves another stack alone and nothing of its own behind', async () => {
      const other = emulator.aws('other-dev');
      const { configOf } = await import('../support/stack.js');
      const theirs = await desiredOf(other, configOf({ project: 'other' }));
      await apply(other, theirs);
      await apply(emulator.aws(), []);
      expect(await discover(kinds, emulator.aws())).toEqual([]);
      expect(gist(await planOf(emulator.aws('other-dev'), theirs))).toEqual([]);
      await apply(emulator.aws('other-dev'), []);
      expect(await discover(kinds, emulator.aws('other-dev'))).toEqual([]);
    }, 60_000);
  });
}
