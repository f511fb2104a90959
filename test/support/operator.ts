import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, stackName } from '../../src/config/schema.js';
import type { Plan } from '../../src/infra/plan.js';
import type { Aws } from '../../src/infra/resource.js';
import { applyPlan } from '../../src/operations/apply-plan.js';
import type { Context } from '../../src/operations/context.js';
import { planInfra } from '../../src/operations/plan-infra.js';

/** Somebody who runs `infra up` and `infra down` in this process, with a state folder of their own. */
export interface Operator {
  readonly home: string;
  /** Plans and applies as one run; throws the first thing that failed, all of them as its cause. */
  up(aws: Aws, values?: object, signal?: AbortSignal): Promise<Plan>;
  down(aws: Aws, signal?: AbortSignal): Promise<Plan>;
  /** What `up` would do; nothing when all is well. */
  pending(aws: Aws, values?: object): Promise<readonly string[]>;
  leave(): void;
}

/** An operator at a machine without any state. */
export function newOperator(): Operator {
  const home = mkdtempSync(join(tmpdir(), 'cloudops-operator-'));
  const contextOf = (aws: Aws, values: object = {}, signal = new AbortController().signal): Context => {
    const config = configSchema.parse({ access: { allowCidrs: ['203.0.113.7/32'] }, ...values });
    const stack = stackName(config);
    return {
      config,
      stack,
      region: aws.region,
      aws: () => Promise.resolve(aws),
      connect: () => Promise.reject(new Error('no hosts are reached here')),
      on: () => undefined,
      signal,
      sandbox: false,
      stateDir: join(home, '.local', 'state', 'cloudops', 'aws', aws.region, stack),
    };
  };
  const run = async (context: Context, destroy: boolean): Promise<Plan> => {
    const plan = await planInfra(context, { destroy });
    const { report } = await applyPlan(context, plan, { allowReplace: true });
    const errors = report.results.flatMap((one) => (one.status === 'failed' ? [one.error] : []));
    if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
    return plan;
  };
  return {
    home,
    up: (aws, values, signal) => run(contextOf(aws, values, signal), false),
    down: (aws, signal) => run(contextOf(aws, {}, signal), true),
    pending: async (aws, values) => {
      const { changes } = await planInfra(contextOf(aws, values));
      return changes
        .filter(({ action }) => action !== 'keep')
        .map(
          ({ action, address, fields }) => `${action} ${address} ${fields.map(({ path }) => path).join()}`,
        );
    },
    leave: () => rmSync(home, { recursive: true, force: true }),
  };
}
