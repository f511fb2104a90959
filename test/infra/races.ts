import { expect, it } from '@jest/globals';
import { awsAt } from '../support/aws-at.js';
import { type FaultPlan } from '../support/fault-proxy.js';
import { type Endpoint, oneStack, without } from '../support/inventory.js';
import { random } from '../support/random.js';
import { faultStage } from './fault-stage.js';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** Runs at the same moment, each call of theirs delayed at random, without a lock between them. */
export function races({ name, start, suite, forgets = [] }: Endpoint): void {
  suite(`runs at the same moment on ${name}`, () => {
    const stage = faultStage({ start, forgets });
    const whole = without(oneStack, forgets);

    // Waits are shortened as much as the wire is quicker than AWS's.
    const aws = (): ReturnType<typeof awsAt> => awsAt(stage.proxy.endpoint, 'smartcloudops-dev', 0.05);
    const jitter = (seed: number): FaultPlan => {
      const next = random(seed);
      return () => ({ kind: 'delay', ms: next() * 40 });
    };
    const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

    it.each(seeds)(
      'two ups make one stack (seed %d)',
      async (seed) => {
        stage.proxy.plan(jitter(seed));
        const next = random(seed + 1000);
        const second = seed % 2 === 0 ? stage.colleague : stage.operator;
        await Promise.all([stage.operator.up(aws()), later(next() * 60).then(() => second.up(aws()))]);
        expect(await stage.left()).toEqual(whole);
        expect(await stage.operator.pending(stage.emulator.aws())).toEqual([]);
        stage.proxy.plan();
        await stage.operator.down(aws());
        expect(await stage.left()).toEqual({});
      },
      60_000,
    );

    it.each(seeds.slice(0, 4))(
      'two downs leave nothing (seed %d)',
      async (seed) => {
        stage.proxy.plan();
        await stage.operator.up(aws());
        stage.proxy.plan(jitter(seed));
        const next = random(seed + 1000);
        await Promise.all([
          stage.operator.down(aws()),
          later(next() * 60).then(() => stage.operator.down(aws())),
        ]);
        expect(await stage.left()).toEqual({});
      },
      60_000,
    );

    it.each(seeds.slice(0, 4))(
      'an up during a down is mended by one more of either (seed %d)',
      async (seed) => {
        stage.proxy.plan();
        await stage.operator.up(aws());
        stage.proxy.plan(jitter(seed));
        const next = random(seed + 1000);
        // Either may fail: the other takes things away, or puts them there, under its hands.
        await Promise.allSettled([
          stage.operator.down(aws()),
          later(next() * 300).then(() => stage.operator.up(aws())),
        ]);
        stage.proxy.plan();
        if (seed % 2 === 0) {
          await stage.operator.up(aws());
          expect(await stage.left()).toEqual(whole);
          expect(await stage.operator.pending(stage.emulator.aws())).toEqual([]);
        }
        await stage.operator.down(aws());
        expect(await stage.left()).toEqual({});
      },
      60_000,
    );
  });
}
