import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { discover } from '../../src/infra/discover.js';
import { kinds } from '../../src/infra/kinds.js';
import type { Plan } from '../../src/infra/plan.js';
import type { Desired } from '../../src/infra/resource.js';
import type { Emulator } from '../support/aws-at.js';
import { apply, carryOut, configOf, desiredOf, gist, planOf } from '../support/stack.js';
import { driftCases } from './drift-cases.js';

/** Paths that no change can be made behind our back in, and why. */
const unchangeable: Readonly<Record<string, string>> = {
  'vpc.cidr': 'fixed by AWS',
  'subnet.vpc': 'fixed by AWS',
  'subnet.cidr': 'fixed by AWS',
  'subnet.zone': 'fixed by AWS',
  'route-table.vpc': 'fixed by AWS',
  'security-group.vpc': 'fixed by AWS',
  'security-group.groupName': 'fixed by AWS',
  'security-group.description': 'fixed by AWS',
  'key-pair.keyName': 'fixed by AWS',
  'key-pair.publicKey': 'fixed by AWS',
  'role.roleName': 'fixed by AWS',
  'instance-profile.profileName': 'fixed by AWS',
  'instance.subnet': 'fixed by AWS',
  'instance.key': 'fixed by AWS',
  'instance.image': 'fixed by AWS',
  'instance.volume.device': 'fixed by AWS',
  'instance.volume.encrypted': 'fixed by AWS',
};

const idsOf = ({ changes }: Plan): Map<string, string> =>
  new Map(changes.map(({ address, id = '' }) => [address, id]));

/** Every change behind our back is seen, put right, and leaves an empty plan. */
export function drift(
  name: string,
  start: () => Promise<Emulator>,
  suite: typeof describe | typeof describe.skip,
): void {
  suite(`drift on ${name}`, () => {
    let emulator: Emulator;
    let desired: Desired[];
    let ids: ReadonlyMap<string, string>;
    beforeAll(async () => {
      emulator = await start();
      desired = await desiredOf(emulator.aws(), configOf({ tags: { Owner: 'ops' } }));
      await apply(emulator.aws(), desired);
      ids = idsOf(await planOf(emulator.aws(), desired));
    }, 90_000);
    afterAll(() => emulator.close());

    it('has a case for every field', () => {
      const seen = driftCases.flatMap(({ plan }) => plan).map((line) => line.replace(/^\w+ /, ''));
      const covered = (kind: string, path: string): boolean =>
        seen.some((line) => {
          const [address = '', paths = ''] = line.split(': ');
          const all = paths.split(', ');
          return (
            address.startsWith(`${kind}/`) && all.some((one) => one === path || one.startsWith(`${path}.`))
          );
        });
      const fields = desired.flatMap(({ kind, spec }) =>
        Object.entries(spec).flatMap(([key, value]) =>
          /^(volume|metadata)$/.test(key)
            ? Object.keys(value as object).map((inner) => [kind, `${key}.${inner}`] as const)
            : [[kind, key] as const],
        ),
      );
      const missing = fields.filter(
        ([kind, path]) => !covered(kind, path) && !(`${kind}.${path}` in unchangeable),
      );
      expect(missing).toEqual([]);
    });

    it.each(driftCases)(
      '$what',
      async (drifted) => {
        const { plan, field, notOnMoto, onMoto } = drifted;
        if (name === 'moto' && notOnMoto !== undefined) return;
        const aws = emulator.aws();
        const hand = { aws, id: (address: string) => ids.get(address) ?? 'nothing' };
        await drifted.make(hand);
        const planned = await planOf(aws, desired);
        const change = planned.changes.find(({ action }) => action !== 'keep');
        await carryOut(aws, planned);
        await drifted.clear?.(hand);
        const after = await planOf(aws, desired);
        ids = idsOf(after);
        expect(gist(planned)).toEqual(name === 'moto' ? (onMoto?.plan ?? plan) : plan);
        if (field !== undefined) expect([change?.fields[0]?.from, change?.fields[0]?.to]).toEqual(field);
        expect(gist(after)).toEqual([]);
      },
      60_000,
    );

    it('leaves nothing behind afterwards', async () => {
      await apply(emulator.aws(), []);
      expect(await discover(kinds, emulator.aws())).toEqual([]);
    }, 60_000);
  });
}
