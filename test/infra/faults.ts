import { expect, it } from '@jest/globals';
import { awsAt } from '../support/aws-at.js';
import { internalError, throttle, type WireCall } from '../support/aws-wire.js';
import { type FaultPlan, type WireFault } from '../support/fault-proxy.js';
import { type Endpoint, oneStack, without } from '../support/inventory.js';
import { random } from '../support/random.js';
import { faultStage } from './fault-stage.js';

type Trouble = 'answer lost' | 'request lost' | '500' | '500 although carried out';

/** What can go wrong with one call. */
const troubles: Readonly<Record<Trouble, (call: WireCall) => WireFault>> = {
  'answer lost': () => ({ kind: 'lose' }),
  'request lost': () => ({ kind: 'lose-request' }),
  '500': (call) => ({ kind: 'answer', answer: internalError(call), executed: false }),
  '500 although carried out': (call) => ({ kind: 'answer', answer: internalError(call), executed: true }),
};

/** Up and down must end with exactly one stack, or none, whatever the wire does to their calls. */
export function faults(
  { name, start, suite, forgets = [] }: Endpoint,
  atEachWrite = Object.keys(troubles) as readonly Trouble[],
): void {
  suite(`when calls go wrong on ${name}`, () => {
    const stage = faultStage({ start, forgets });
    const whole = without(oneStack, forgets);

    const up = (): Promise<unknown> => stage.operator.up(awsAt(stage.proxy.endpoint));
    const down = (): Promise<unknown> => stage.operator.down(awsAt(stage.proxy.endpoint));
    const writes = (): number => stage.proxy.calls().filter(({ write }) => write !== undefined).length;

    /** How many writes an undisturbed run has; its own stack is gone again afterwards. */
    async function writesOfEach(): Promise<{ ups: number; downs: number }> {
      stage.proxy.plan();
      await up();
      const ups = writes();
      expect(await stage.left()).toEqual(whole);
      stage.proxy.plan();
      await down();
      expect(await stage.left()).toEqual({});
      return { ups, downs: writes() };
    }

    it.each(atEachWrite)(
      'each write of up and down converges (%s)',
      async (trouble) => {
        const fault = troubles[trouble];
        const { ups, downs } = await writesOfEach();
        expect(ups).toBeGreaterThanOrEqual(23);
        expect(downs).toBeGreaterThanOrEqual(16);
        for (let nth = 0; nth < Math.max(ups, downs); nth += 1) {
          stage.proxy.plan((call) => (call.write === nth ? fault(call) : undefined));
          await up();
          expect({ nth, ...(await stage.left()) }).toEqual({ nth, ...whole });
          expect({ nth, pending: await stage.operator.pending(stage.emulator.aws()) }).toEqual({
            nth,
            pending: [],
          });
          stage.proxy.plan((call) => (call.write === nth ? fault(call) : undefined));
          await down();
          expect({ nth, left: await stage.left() }).toEqual({ nth, left: {} });
        }
      },
      180_000,
    );

    it.each([true, false])(
      'up and down converge when every action fails with 500 at first (carried out: %s)',
      async (executed) => {
        const failOnce = (): FaultPlan => {
          const seen = new Set<string>();
          return (call) => {
            if (seen.has(call.action)) return undefined;
            seen.add(call.action);
            return { kind: 'answer', answer: internalError(call), executed };
          };
        };
        stage.proxy.plan(failOnce());
        await up();
        expect(await stage.left()).toEqual(whole);
        stage.proxy.plan(failOnce());
        await down();
        expect(await stage.left()).toEqual({});
      },
      120_000,
    );

    it.each([1, 2, 3])(
      'up and down converge when a fifth of all calls is throttled (seed %d)',
      async (seed) => {
        const next = random(seed);
        const plan: FaultPlan = (call) =>
          next() < 0.2 ? { kind: 'answer', answer: throttle(call), executed: false } : undefined;
        stage.proxy.plan(plan);
        await up();
        expect(await stage.left()).toEqual(whole);
        expect(await stage.operator.pending(stage.emulator.aws())).toEqual([]);
        stage.proxy.plan(plan);
        await down();
        expect(await stage.left()).toEqual({});
      },
      120_000,
    );
  });
}
