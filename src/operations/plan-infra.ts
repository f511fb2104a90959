import { stackName } from '../config/schema.js';
import { diagnose } from '../infra/diagnose.js';
import { discover } from '../infra/discover.js';
import { kinds } from '../infra/kinds.js';
import { operatorAddress, worldWarning } from '../infra/operator-address.js';
import { checkKeyName, stackPublicKey } from '../infra/own-key.js';
import { type OwnNetwork, readOwnNetwork } from '../infra/own-network.js';
import { type Plan, plan } from '../infra/plan.js';
import type { Aws, Desired } from '../infra/resource.js';
import { readFacts } from '../infra/stack-facts.js';
import { stack } from '../infra/stack.js';
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
      discover(kinds, aws, options.destroy === true),
    ]);
    return plan(kinds, { stack: stackName(context.config), region: aws.region, desired, actual });
  } catch (error) {
    throw await diagnose(aws, error, 'read the stack');
  }
}

async function wanted({ config, on, sandbox, signal, stateDir }: Context, aws: Aws): Promise<Desired[]> {
  const { allowCidrs } = config.access;
  const reading = readOwnNetwork(aws, config.network);
  const [facts, operatorCidrs, publicKey, network] = await Promise.all([
    readFacts(aws, config),
    allowCidrs.length > 0 ? allowCidrs : presentCidrs(sandbox, reading, signal),
    stackPublicKey(config.ssh, stateDir),
    reading,
    checkKeyName(aws, config.ssh),
  ]);
  for (const message of [worldWarning(allowCidrs) ?? [], network?.warnings ?? []].flat())
    on({ type: 'note', level: 'warning', message });
  return stack(config, { ...facts, operatorCidrs, publicKey, network });
}

/** Where the operator is now: the address the internet sees, or the gateway of a network in the sandbox. */
async function presentCidrs(
  sandbox: boolean,
  reading: Promise<OwnNetwork | undefined>,
  signal: AbortSignal,
): Promise<string[]> {
  const own = sandbox ? await reading : undefined;
  if (own === undefined) return [await operatorAddress(signal)];
  const [network = '', last = '0'] = /^(\d+\.\d+\.\d+\.)(\d+)/.exec(own.cidr)?.slice(1) ?? [];
  return [`${network}${Number(last) + 1}/32`];
}
