import { stackName } from '../config/schema.js';
import { explain } from '../infra/aws-errors.js';
import { discover } from '../infra/discover.js';
import { readPublicKey } from '../infra/key-file.js';
import { kinds } from '../infra/kinds.js';
import { operatorAddress, worldWarning } from '../infra/operator-address.js';
import { type Plan, plan } from '../infra/plan.js';
import type { Aws, Desired } from '../infra/resource.js';
import { readFacts } from '../infra/stack-facts.js';
import { stack } from '../infra/stack.js';
import { bareKey } from '../infra/resources/key-pair.js';
import type { Context } from './context.js';

export interface PlanOptions {
  /** Plan to remove everything of the stack. */
  readonly destroy?: boolean;
}

/** The difference between the config and what exists. Reads only. */
export async function planInfra(context: Context, options: PlanOptions = {}): Promise<Plan> {
  const aws = await context.aws();
  try {
    const [desired, actual] = await Promise.all([
      options.destroy === true ? [] : wanted(context, aws),
      discover(kinds, aws),
    ]);
    return plan(kinds, { stack: stackName(context.config), region: aws.region, desired, actual });
  } catch (error) {
    throw explain(error, 'read the stack');
  }
}

async function wanted({ config, on, signal, stateDir }: Context, aws: Aws): Promise<Desired[]> {
  const { allowCidrs } = config.access;
  const warning = worldWarning(allowCidrs);
  if (warning !== undefined) on({ type: 'note', level: 'warning', message: warning });
  const [facts, operatorCidrs, publicKey] = await Promise.all([
    readFacts(aws, config),
    allowCidrs.length > 0 ? allowCidrs : operatorAddress(signal).then((cidr) => [cidr]),
    readPublicKey(stateDir),
  ]);
  return stack(config, { ...facts, operatorCidrs, publicKey: bareKey(publicKey) });
}
