import { expect, it } from '@jest/globals';
import { denied } from '../support/aws-wire.js';
import { type FaultPlan } from '../support/fault-proxy.js';
import { type Endpoint, oneStack, without } from '../support/inventory.js';
import { type Operator } from '../support/operator.js';
import { random } from '../support/random.js';
import { type CliRun, runCli } from '../support/run-cli.js';
import { faultStage } from './fault-stage.js';

const up = ['infra', 'up', '--yes', '--json', '--allow-cidr', '203.0.113.7/32'];
const down = ['infra', 'down', '--json', '--confirm', 'smartcloudops-dev'];

/** The program twice at the same moment, with its lock and where nobody may write one. */
export function twoProcesses({ name, start, suite, forgets = [] }: Endpoint): void {
  suite(`two processes at the same moment on ${name}`, () => {
    const stage = faultStage({ start, forgets });

    function run(who: Operator, args: readonly string[]): Promise<CliRun> {
      const env = stage.environment();
      return runCli(args, { cwd: who.home, env });
    }

    /** Both at once, the second a little later; what each said when it ended unlike 0. */
    async function both(args: readonly string[], seed: number): Promise<(number | null)[]> {
      const wait = random(seed)() * 200;
      const runs = await Promise.all([
        run(stage.operator, args),
        new Promise((resolve) => setTimeout(resolve, wait)).then(() => run(stage.colleague, args)),
      ]);
      return runs.map(({ code, stdout }) => {
        if (code !== 0 && code !== 6) throw new Error(stdout);
        return code;
      });
    }

    it.each([
      ['with the lock', 1, undefined],
      ['with the lock', 2, undefined],
      ['without the lock', 3, 'PutParameter'],
      ['without the lock', 4, 'PutParameter'],
    ])(
      'make one stack and remove it, %s (seed %d)',
      async (_, seed, forbidden) => {
        const plan: FaultPlan = (call) =>
          call.action === forbidden
            ? { kind: 'answer', answer: denied(call), executed: false }
            : { kind: 'delay', ms: 5 };
        stage.proxy.plan(plan);
        // Whoever finds the lock taken ends with 6, unless it comes free in time.
        const ups = await both(up, seed);
        expect(ups).toContain(0);
        if (forbidden !== undefined) expect(ups).toEqual([0, 0]);
        expect(await stage.left()).toEqual(without(oneStack, forgets));
        const downs = await both(down, seed + 10);
        expect(downs).toContain(0);
        expect(await stage.left()).toEqual({});
      },
      120_000,
    );
  });
}
