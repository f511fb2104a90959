import { afterEach, expect, it } from '@jest/globals';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';
import { apply, configOf, desiredOf, gist, planOf } from '../support/stack.js';

let emulator: Emulator | undefined;
afterEach(() => emulator?.close());

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
