import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { awsAt, type Emulator } from '../support/aws-at.js';
import { internalError, throttle, type WireCall } from '../support/aws-wire.js';
import { type FaultPlan, type FaultProxy, startFaultProxy, type WireFault } from '../support/fault-proxy.js';
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
    let emulator: Emulator;
    let proxy: FaultProxy;
    let operator: Operator;
    let before: Inventory;
    const whole = without(oneStack, forgets);

    beforeAll(async () => {
      emulator = await start();
      proxy = await startFaultProxy(emulator.endpoint);
      operator = newOperator();
      before = await takeInventory(emulator.aws());
    }, 90_000);
    afterAll(async () => {
      operator.leave();
      await proxy.close();
      await emulator.close();
    });

    const left = async (): Promise<Record<string, number>> =>
      counted(await takeInventory(emulator.aws()), before, forgets);
    const up = (): Promise<unknown> => operator.up(awsAt(proxy.endpoint));
    const down = (): Promise<unknown> => operator.down(awsAt(proxy.endpoint));
    const writes = (): number => proxy.calls().filter(({ write }) => write !== undefined).length;

    /** How many writes an undisturbed run has; its own stack is gone again afterwards. */
    async function writesOfEach(): Promise<{ ups: number; downs: number }> {
      proxy.plan();
      await up();
      const ups = writes();
      expect(await left()).toEqual(whole);
      proxy.plan();
      await down();
      expect(await left()).toEqual({});
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
          proxy.plan((call) => (call.write === nth ? fault(call) : undefined));
          await up();
          expect({ nth, ...(await left()) }).toEqual({ nth, ...whole });
          expect({ nth, pending: await operator.pending(emulator.aws()) }).toEqual({ nth, pending: [] });
          proxy.plan((call) => (call.write === nth ? fault(call) : undefined));
          await down();
          expect({ nth, left: await left() }).toEqual({ nth, left: {} });
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
        proxy.plan(failOnce());
        await up();
        expect(await left()).toEqual(whole);
        proxy.plan(failOnce());
        await down();
        expect(await left()).toEqual({});
      },
      120_000,
    );

    it.each([1, 2, 3])(
      'up and down converge when a fifth of all calls is throttled (seed %d)',
      async (seed) => {
        const next = random(seed);
        const plan: FaultPlan = (call) =>
          next() < 0.2 ? { kind: 'answer', answer: throttle(call), executed: false } : undefined;
        proxy.plan(plan);
        await up();
        expect(await left()).toEqual(whole);
        expect(await operator.pending(emulator.aws())).toEqual([]);
        proxy.plan(plan);
        await down();
        expect(await left()).toEqual({});
      },
      120_000,
    );
  });
}
