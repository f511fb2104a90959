import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Emulator } from '../support/aws-at.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import {
  counted,
  type Endpoint,
  type Inventory,
  oneStack,
  takeInventory,
  without,
} from '../support/inventory.js';
import { newOperator, type Operator } from '../support/operator.js';
import { type CliRun, runCli } from '../support/run-cli.js';

type When = 'before-answer' | 'after-answer';

const commands = {
  up: ['infra', 'up', '--yes', '--json', '--allow-cidr', '203.0.113.7/32'],
  down: ['infra', 'down', '--json', '--confirm', 'smartcloudops-dev'],
} as const;

/**
 * The program itself, as a process, killed (SIGKILL) right after the endpoint has carried out its nth write, for every
 * n; then run again. `up` must leave exactly one stack, `down` none.
 */
export function kills(
  { name, start, suite, forgets = [] }: Endpoint,
  command: keyof typeof commands,
  whens: readonly When[],
): void {
  suite(`${command} killed at any write on ${name}`, () => {
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

    function run(onStart?: (kill: () => void) => void): Promise<CliRun> {
      const env = {
        AWS_ENDPOINT_URL: proxy.endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_REGION: 'us-east-1',
      };
      const started = (kill: (signal: NodeJS.Signals) => void): void => onStart?.(() => kill('SIGKILL'));
      return runCli(commands[command], { cwd: operator.home, env, onStart: started });
    }

    /** Runs the command and kills it at its nth write; false when it ended before that. */
    async function killedAt(nth: number, when: When): Promise<boolean> {
      const process = { kill: (): void => undefined, reached: false };
      proxy.plan((call) => {
        if (call.write !== nth) return undefined;
        process.reached = true;
        return { kind: 'then', when, run: () => process.kill() };
      });
      const { code, stderr } = await run((stop) => {
        process.kill = stop;
      });
      await proxy.idle();
      proxy.plan();
      if (!process.reached) expect({ code, stderr }).toMatchObject({ code: 0 });
      // Where the last write's answer was delivered, the program may have been quicker than the signal.
      else if (when === 'before-answer') expect(code).toBeNull();
      return process.reached;
    }

    it.each(whens)(
      'is finished by the next run (killed %s)',
      async (when) => {
        let nth = 0;
        for (; ; nth += 1) {
          if (command === 'down') await operator.up(emulator.aws());
          const reached = await killedAt(nth, when);
          const { code, stderr } = await run();
          expect({ nth, stderr, code }).toEqual({ nth, stderr, code: 0 });
          expect({ nth, ...(await left()) }).toEqual({ nth, ...(command === 'up' ? whole : {}) });
          if (command === 'up') {
            expect({ nth, pending: await operator.pending(emulator.aws()) }).toEqual({ nth, pending: [] });
            await operator.down(emulator.aws());
          }
          if (!reached) break;
        }
        expect(nth).toBeGreaterThanOrEqual(command === 'up' ? 23 : 16);
      },
      240_000,
    );
  });
}
