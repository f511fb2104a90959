import { afterEach, describe, expect, it } from '@jest/globals';
import { discover } from '../../src/infra/discover.js';
import { kinds } from '../../src/infra/kinds.js';
import type { Fault } from '../../src/sandbox/api/server.js';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';
import { apply, configOf, desiredOf, gist, planOf } from '../support/stack.js';

let emulator: Emulator | undefined;
afterEach(() => emulator?.close());

const writes =
  /^(Create|Run|Import|Authorize|Revoke|Modify|Attach|Detach|Associate|Disassociate|Put|Add|Remove|Delete|Terminate)/;

/** An emulator where the nth write from now on goes wrong once. */
async function faulty(
  fault: Fault,
): Promise<{ at: (nth: number) => void; count: () => number; emulator: Emulator }> {
  let seen = 0;
  let target = -1;
  const started = await startEmulator({
    fault: ({ action }) => {
      if (!writes.test(action)) return undefined;
      seen += 1;
      return seen - 1 === target ? fault : undefined;
    },
  });
  emulator = started;
  return {
    emulator: started,
    count: () => seen,
    at: (nth) => {
      seen = 0;
      target = nth;
    },
  };
}

const faults: readonly [string, Fault][] = [
  ['the answer gets lost', { kind: 'drop' }],
  ['the request gets lost', { kind: 'drop', before: true }],
  ['the service fails', { kind: 'error', code: 'InternalError', message: 'try again', status: 500 }],
  ['calls are throttled', { kind: 'error', code: 'RequestLimitExceeded', message: 'slow down', status: 503 }],
];

describe.each(faults)('when %s', (_, fault) => {
  it('up and down end with exactly one stack and none, at every write', async () => {
    const { at, count, emulator: started } = await faulty(fault);
    const desired = await desiredOf(started.aws());
    at(-1);
    await apply(started.aws(), desired);
    const ups = count();
    at(-1);
    await apply(started.aws(), []);
    const downs = count();
    expect([ups, downs]).toEqual([23, 16]);
    for (let nth = 0; nth < Math.max(ups, downs); nth += 1) {
      at(nth);
      await apply(started.aws(), desired);
      at(-1);
      const after = await planOf(started.aws(), desired);
      expect({ nth, changes: gist(after) }).toEqual({ nth, changes: [] });
      expect(after.changes).toHaveLength(12);
      at(nth);
      await apply(started.aws(), []);
      at(-1);
      expect({ nth, left: await discover(kinds, started.aws()) }).toEqual({ nth, left: [] });
    }
  }, 120_000);
});

it('two ups at the same moment make one stack', async () => {
  emulator = await startEmulator();
  const desired = await desiredOf(emulator.aws());
  const [one, other] = [emulator.aws(), emulator.aws()];
  await Promise.all([apply(one, desired), apply(other, desired)]);
  expect(gist(await planOf(emulator.aws(), desired))).toEqual([]);
});

it('starts many hosts by one call a zone, and tells them apart', async () => {
  const calls: string[] = [];
  emulator = await startEmulator({ limits: { vcpus: 200 }, onCall: ({ action }) => void calls.push(action) });
  const desired = await desiredOf(emulator.aws(), configOf({ application: { count: 20 } }));
  await apply(emulator.aws(), desired);
  expect(calls.filter((action) => action === 'RunInstances')).toHaveLength(3);
  expect(calls).not.toContain('CreateTags');
  expect(gist(await planOf(emulator.aws(), desired))).toEqual([]);
  const fewer = await desiredOf(emulator.aws(), configOf({ application: { count: 18 } }));
  expect(gist(await planOf(emulator.aws(), fewer)).sort()).toEqual([
    'delete instance/application-19: ',
    'delete instance/application-20: ',
  ]);
}, 30_000);
