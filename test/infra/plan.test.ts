import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { configSchema } from '../../src/config/schema.js';
import { kinds } from '../../src/infra/kinds.js';
import { plan, type Plan } from '../../src/infra/plan.js';
import type { Actual, Aws, Desired } from '../../src/infra/resource.js';
import { schedule } from '../../src/infra/schedule.js';
import { type StackFacts, stack } from '../../src/infra/stack.js';
import { zonesFor } from '../../src/infra/stack-facts.js';
import { checkGraph } from '../../src/engine/graph.js';
import { planText } from '../../src/ui/plan-text.js';
import { expectGolden } from '../support/golden.js';

const facts: StackFacts = {
  region: 'us-east-1',
  image: 'ami-0123456789abcdef0',
  rootDevice: '/dev/xvda',
  zones: ['us-east-1a', 'us-east-1b'],
  operatorCidrs: ['203.0.113.7/32'],
  publicKey: 'ssh-ed25519 AAAA',
};

const wanted = (values: object = {}, more: Partial<StackFacts> = {}): Desired[] =>
  stack(configSchema.parse(values), { ...facts, ...more });

/** The desired as if it existed. */
const existing = (desired: readonly Desired[]): Actual[] =>
  desired.map(({ kind, name, spec }) => ({ kind, name, spec, id: `${kind}-${name}` }));

const planned = (desired: readonly Desired[], actual: readonly Actual[]): Plan =>
  plan(kinds, { stack: 'smartcloudops-dev', region: 'us-east-1', desired, actual });

const actionOf = ({ changes }: Plan, address: string): string | undefined =>
  changes.find((change) => change.address === address)?.action;

describe('the planner', () => {
  it('creates everything at first', () => {
    expectGolden('plan-first-run.txt', planText(planned(wanted(), [])));
  });

  it('has nothing to do when all is there', () => {
    const made = planned(wanted(), existing(wanted()));
    expect(made.empty).toBe(true);
    expectGolden('plan-nothing.txt', planText(made));
  });

  it('shows drift rule by rule, and every sign', () => {
    const actual = existing(wanted({}, { operatorCidrs: ['198.51.100.1/32'] }));
    const desired = wanted({
      network: { subnetCidrs: ['10.0.1.0/24', '10.0.9.0/24'] },
      tags: { Owner: 'ops' },
      monitoring: { instanceType: 't3.large', volumeSize: 30 },
    });
    const stray = { kind: 'security-group', name: 'old', id: 'sg-0', spec: { ingress: {}, egress: {} } };
    expectGolden('plan-drift.txt', planText(planned(desired, [...actual, stray])));
  });

  it('spreads a replaced network to all that stands on it, and to nothing else', () => {
    const made = planned(wanted({ network: { vpcCidr: '10.0.0.0/17' } }), existing(wanted()));
    const replaced = made.changes.filter(({ action }) => action === 'replace').map(({ kind }) => kind);
    expect(new Set(replaced)).toEqual(
      new Set(['vpc', 'subnet', 'internet-gateway', 'route-table', 'security-group', 'instance']),
    );
    expect(actionOf(made, 'role/host')).toBe('keep');
  });

  it('keeps the image and the zones an existing stack was made with, and tells of a newer image', () => {
    const desired = wanted({}, { image: 'ami-0fedcba9876543210', zones: ['us-east-1c', 'us-east-1d'] });
    const made = planned(desired, existing(wanted()));
    expect(made.empty).toBe(true);
    expect(made.notes.join()).toContain('ami-0fedcba9876543210');
  });

  it('replaces a subnet when the config names another zone', () => {
    const made = planned(wanted({ network: { zones: ['us-east-1c', 'us-east-1b'] } }), existing(wanted()));
    expect(actionOf(made, 'subnet/public-1')).toBe('replace');
    expect(actionOf(made, 'route-table/public')).toBe('update');
    expect(actionOf(made, 'instance/application-1')).toBe('keep');
  });

  it('never plans in circles, and is empty once its plan is carried out', () => {
    const values = fc.record({
      network: fc.record({
        vpcCidr: fc.constantFrom('10.0.0.0/16', '10.0.0.0/17'),
        subnetCidrs: fc.constantFrom(
          ['10.0.1.0/24', '10.0.2.0/24'],
          ['10.0.1.0/24', '10.0.4.0/24', '10.0.5.0/24'],
        ),
      }),
      monitoring: fc.record({
        instanceType: fc.constantFrom('t3.medium', 'm5.large'),
        volumeSize: fc.integer({ min: 8, max: 40 }),
      }),
      application: fc.record({
        count: fc.integer({ min: 1, max: 7 }),
        volumeSize: fc.integer({ min: 8, max: 40 }),
      }),
      tags: fc.dictionary(fc.constantFrom('Owner', 'Team'), fc.string({ maxLength: 5 })),
    });
    fc.assert(
      fc.property(values, values, fc.array(fc.nat({ max: 20 })), (before, after, lost) => {
        const actual = existing(wanted(before)).filter((_, index) => !lost.includes(index));
        const desired = wanted(after);
        const made = planned(desired, actual);
        checkGraph(schedule(kinds, made, {} as Aws).tasks);
        const result = made.changes
          .filter(({ action }) => action !== 'delete')
          .map(({ kind, name, spec }) => ({ kind, name, spec, id: `${kind}-${name}` }));
        expect(planned(desired, result).empty).toBe(true);
        expect(result).toHaveLength(desired.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('zones', () => {
  it('are those that offer every type, sorted', () => {
    const zone = fc.constantFrom('a', 'b', 'c', 'd');
    const offer = fc.record({ type: fc.constantFrom('x', 'y'), zone });
    fc.assert(
      fc.property(fc.uniqueArray(zone), fc.array(offer), (zones, offers) => {
        const found = zonesFor(['x', 'y'], zones, offers);
        const both = (one: string): boolean =>
          ['x', 'y'].every((type) => offers.some((o) => o.zone === one && o.type === type));
        expect(found).toEqual([...zones].filter(both).sort());
      }),
    );
  });
});
