import { expect, it } from '@jest/globals';
import { type Endpoint, oneStack, without } from '../support/inventory.js';
import { type CliRun, runCli } from '../support/run-cli.js';
import { faultStage } from './fault-stage.js';

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
    const stage = faultStage({ start, forgets });
    const whole = without(oneStack, forgets);

    function run(onStart?: (kill: () => void) => void): Promise<CliRun> {
      const env = stage.environment();
      const started = (kill: (signal: NodeJS.Signals) => void): void => onStart?.(() => kill('SIGKILL'));
      return runCli(commands[command], { cwd: stage.operator.home, env, onStart: started });
    }

    /** Runs the command and kills it at its nth write; false when it ended before that. */
    async function killedAt(nth: number, when: When): Promise<boolean> {
      const process = { kill: (): void => undefined, reached: false };
      stage.proxy.plan((call) => {
        if (call.write !== nth) return undefined;
        process.reached = true;
        return { kind: 'then', when, run: () => process.kill() };
      });
      const { code, stderr } = await run((stop) => {
        process.kill = stop;
      });
      await stage.proxy.idle();
      stage.proxy.plan();
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
          if (command === 'down') await stage.operator.up(stage.emulator.aws());
          const reached = await killedAt(nth, when);
          const { code, stderr } = await run();
          expect({ nth, stderr, code }).toEqual({ nth, stderr, code: 0 });
          expect({ nth, ...(await stage.left()) }).toEqual({ nth, ...(command === 'up' ? whole : {}) });
          if (command === 'up') {
            expect({ nth, pending: await stage.operator.pending(stage.emulator.aws()) }).toEqual({
              nth,
              pending: [],
            });
            await stage.operator.down(stage.emulator.aws());
          }
          if (!reached) break;
        }
        expect(nth).toBeGreaterThanOrEqual(command === 'up' ? 23 : 16);
      },
      240_000,
    );
  });
}
