import fc from 'fast-check';
import { expect, it } from '@jest/globals';
import { discover } from '../../src/infra/discover.js';
import { kinds } from '../../src/infra/kinds.js';
import { startEmulator } from '../support/emulator.js';
import { carryOut, configOf, desiredOf, gist, planOf } from '../support/stack.js';
import { driftCases } from './drift-cases.js';

const network = fc.constantFrom(
  { subnetCidrs: ['10.0.1.0/24', '10.0.2.0/24'] },
  { subnetCidrs: ['10.0.1.0/24', '10.0.2.0/24', '10.0.5.0/24'] },
  { subnetCidrs: ['10.0.1.0/24', '10.0.9.0/24'] },
  { vpcCidr: '10.0.0.0/17' },
  { zones: ['us-east-1b', 'us-east-1a'] },
);

/** Configs that differ in whatever the infrastructure decides by them. */
const configs = fc.record(
  {
    network,
    monitoring: fc.record(
      {
        instanceType: fc.constantFrom('t3.medium', 't3.small', 'm5.large'),
        volumeSize: fc.integer({ min: 8, max: 30 }),
        prometheus: fc.record({ port: fc.constantFrom(9090, 9091) }),
      },
      { requiredKeys: [] },
    ),
    application: fc.record(
      {
        instanceType: fc.constantFrom('t3.small', 't3.micro'),
        volumeSize: fc.integer({ min: 8, max: 30 }),
        count: fc.integer({ min: 1, max: 6 }),
        port: fc.constantFrom(3000, 8080),
      },
      { requiredKeys: [] },
    ),
    tags: fc.record(
      { Owner: fc.constantFrom('ops', 'dev'), Team: fc.string({ minLength: 0, maxLength: 6 }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

/** A config, and what happens behind our back before it is applied. */
const steps = fc.array(
  fc.record({
    values: configs,
    drifts: fc.uniqueArray(fc.nat({ max: driftCases.length - 1 }), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
);

it('whatever the config and the drift, up leaves an empty plan and down leaves nothing', async () => {
  let ahead = 0;
  const emulator = await startEmulator({
    clock: () => Date.now() + ahead,
    limits: { vcpus: 500, vpcsPerRegion: 50, gatewaysPerRegion: 50 },
    transitionMs: 1,
  });
  let made = 0;
  try {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const aws = emulator.aws();
        for (const { values, drifts } of all) {
          const present = await discover(kinds, aws);
          const planned = await planOf(aws, await desiredOf(aws, configOf(values)));
          const moves = planned.changes.some(({ kind, action }) => kind === 'vpc' && action === 'replace');
          const ids = new Map(present.map(({ kind, name, id }) => [`${kind}/${name}`, id]));
          for (const index of drifts) {
            // It leaves something in the VPC that isn't ours, and such a VPC is rightly not replaced.
            if (moves && driftCases[index]?.clear !== undefined) continue;
            ahead += 7 * 3_600_000;
            // Some can't be made now: what they would change isn't there, or an earlier one forbids it.
            const hand = { aws, id: (address: string) => ids.get(address) ?? 'i-00000000' };
            made += await (driftCases[index]?.make(hand) ?? Promise.resolve()).then(
              () => 1,
              () => 0,
            );
          }
          ahead += 7 * 3_600_000;
          const desired = await desiredOf(aws, configOf(values));
          await carryOut(aws, await planOf(aws, desired));
          expect(gist(await planOf(aws, desired))).toEqual([]);
        }
        // Whatever stands in its way was made by the drift, and isn't ours.
        for (const one of driftCases) await one.clear?.({ aws, id: idsNow(await discover(kinds, aws)) });
        await carryOut(aws, await planOf(aws, []));
        expect(await discover(kinds, aws)).toEqual([]);
      }),
      { numRuns: Number(process.env['DRIFT_RUNS'] ?? 12), ...seedOf(process.env['DRIFT_SEED']) },
    );
    expect(made).toBeGreaterThan(5);
  } finally {
    await emulator.close();
  }
}, 600_000);

const seedOf = (seed: string | undefined): { seed?: number } =>
  seed === undefined ? {} : { seed: Number(seed) };

const idsNow = (present: readonly { kind: string; name: string; id: string }[]) => {
  const ids = new Map(present.map(({ kind, name, id }) => [`${kind}/${name}`, id]));
  return (address: string): string => ids.get(address) ?? 'nothing';
};
