import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { awsAt, type Emulator } from '../support/aws-at.js';
import { type FaultPlan, type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import {
  counted,
  type Endpoint,
  type Inventory,
  oneStack,
  takeInventory,
  without,
} from '../support/inventory.js';
import { newOperator, type Operator } from '../support/operator.js';
import { random } from '../support/random.js';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** Runs at the same moment, each call of theirs delayed at random, without a lock between them. */
export function races({ name, start, suite, forgets = [] }: Endpoint): void {
  suite(`runs at the same moment on ${name}`, () => {
    let emulator: Emulator;
    let proxy: FaultProxy;
    let operator: Operator;
    let colleague: Operator;
    let before: Inventory;
    const whole = without(oneStack, forgets);

    beforeAll(async () => {
      emulator = await start();
      proxy = await startFaultProxy(emulator.endpoint);
      operator = newOperator();
      colleague = newOperator();
      before = await takeInventory(emulator.aws());
    }, 90_000);
    afterAll(async () => {
      operator.leave();
      colleague.leave();
      await proxy.close();
      await emulator.close();
    });

    const left = async (): Promise<Record<string, number>> =>
      counted(await takeInventory(emulator.aws()), before, forgets);
    // Waits are shortened as much as the wire is quicker than AWS's.
    const aws = (): ReturnType<typeof awsAt> => awsAt(proxy.endpoint, 'smartcloudops-dev', 0.05);
    const jitter = (seed: number): FaultPlan => {
      const next = random(seed);
      return () => ({ kind: 'delay', ms: next() * 40 });
    };
    const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

    it.each(seeds)(
      'two ups make one stack (seed %d)',
      async (seed) => {
        proxy.plan(jitter(seed));
        const next = random(seed + 1000);
        const second = seed % 2 === 0 ? colleague : operator;
        await Promise.all([operator.up(aws()), later(next() * 60).then(() => second.up(aws()))]);
        expect(await left()).toEqual(whole);
        expect(await operator.pending(emulator.aws())).toEqual([]);
        proxy.plan();
        await operator.down(aws());
        expect(await left()).toEqual({});
      },
      60_000,
    );

    it.each(seeds.slice(0, 4))(
      'two downs leave nothing (seed %d)',
      async (seed) => {
        proxy.plan();
        await operator.up(aws());
        proxy.plan(jitter(seed));
        const next = random(seed + 1000);
        await Promise.all([operator.down(aws()), later(next() * 60).then(() => operator.down(aws()))]);
        expect(await left()).toEqual({});
      },
      60_000,
    );

    it.each(seeds.slice(0, 4))(
      'an up during a down is mended by one more of either (seed %d)',
      async (seed) => {
        proxy.plan();
        await operator.up(aws());
        proxy.plan(jitter(seed));
        const next = random(seed + 1000);
        // Either may fail: the other takes things away, or puts them there, under its hands.
        await Promise.allSettled([operator.down(aws()), later(next() * 300).then(() => operator.up(aws()))]);
        proxy.plan();
        if (seed % 2 === 0) {
          await operator.up(aws());
          expect(await left()).toEqual(whole);
          expect(await operator.pending(emulator.aws())).toEqual([]);
        }
        await operator.down(aws());
        expect(await left()).toEqual({});
      },
      60_000,
    );
  });
}
