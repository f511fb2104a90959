import { execute } from '../../src/engine/execute.js';
import { type Config, configSchema } from '../../src/config/schema.js';
import { discover } from '../../src/infra/discover.js';
import { newKeyPair } from '../../src/infra/key-file.js';
import { kinds } from '../../src/infra/kinds.js';
import { type Plan, plan } from '../../src/infra/plan.js';
import type { Aws, Desired } from '../../src/infra/resource.js';
import { schedule } from '../../src/infra/schedule.js';
import { readFacts } from '../../src/infra/stack-facts.js';
import { stack } from '../../src/infra/stack.js';

/** A checked config with these values over the defaults. */
export const configOf = (values: object = {}): Config => configSchema.parse(values);

const publicKey = newKeyPair('test').publicKey.split(' ').slice(0, 2).join(' ');

/** The wanted stack of a config, with what AWS has to be asked for. */
export async function desiredOf(aws: Aws, config = configOf()): Promise<Desired[]> {
  const facts = await readFacts(aws, config);
  return stack(config, { ...facts, operatorCidrs: ['203.0.113.7/32'], publicKey });
}

/** What would turn what exists into `desired`. */
export async function planOf(aws: Aws, desired: readonly Desired[]): Promise<Plan> {
  return plan(kinds, { stack: aws.stack, region: aws.region, desired, actual: await discover(kinds, aws) });
}

/** Plans and applies; throws what a task threw. */
export async function apply(aws: Aws, desired: readonly Desired[]): Promise<Plan> {
  const made = await planOf(aws, desired);
  await carryOut(aws, made);
  return made;
}

/** Applies a plan; throws what a task threw. */
export async function carryOut(aws: Aws, made: Plan): Promise<void> {
  const { tasks } = schedule(kinds, made, aws);
  const report = await execute(tasks);
  for (const result of report.results) if (result.status === 'failed') throw result.error;
}

/** What a plan is about to do, e.g. `update vpc/main: tags.Owner`. */
export function gist({ changes }: Plan): string[] {
  return changes
    .filter(({ action }) => action !== 'keep')
    .map(
      ({ action, address, fields }) => `${action} ${address}: ${fields.map(({ path }) => path).join(', ')}`,
    );
}
