import { stackName } from '../config/schema.js';
import { diagnose } from '../infra/diagnose.js';
import { discover } from '../infra/discover.js';
import { kinds } from '../infra/kinds.js';
import { operatorAddress, worldWarning } from '../infra/operator-address.js';
import { operatorCidrs } from '../infra/operator-cidrs.js';
import { checkKeyName, stackPublicKey } from '../infra/own-key.js';
import { type OwnNetwork, readOwnNetwork } from '../infra/own-network.js';
import { type Plan, plan } from '../infra/plan.js';
import type { Actual, Aws, Desired } from '../infra/resource.js';
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
    const found = discover(kinds, aws, options.destroy === true);
    const [desired, actual] = await Promise.all([
      options.destroy === true ? [] : wanted(context, aws, found),
      found,
    ]);
    return plan(kinds, { stack: stackName(context.config), region: aws.region, desired, actual });
  } catch (error) {
    throw await diagnose(aws, error, 'read the stack');
  }
}

async function wanted(
  { config, on, sandbox, signal, stateDir }: Context,
  aws: Aws,
  found: Promise<readonly Actual[]>,
): Promise<Desired[]> {
  const { allowCidrs } = config.access;
  const reading = readOwnNetwork(aws, config.network);
  const [facts, letIn, publicKey, network] = await Promise.all([
    readFacts(aws, config),
    allowCidrs.length > 0 ? allowCidrs : keptCidrs(found, () => presentCidrs(sandbox, reading, signal)),
    stackPublicKey(config.ssh, stateDir),
    reading,
    checkKeyName(aws, config.ssh),
  ]);
  for (const message of [worldWarning(letIn) ?? [], network?.warnings ?? []].flat())
    on({ type: 'note', level: 'warning', message });
  return stack(config, { ...facts, operatorCidrs: letIn, publicKey, network });
}

/**
 * Who is let in where the config doesn't say: whom the stack lets in already, so that a plan after an `up` is empty from
 * wherever it is asked ('infra refresh-ip' moves the rules); the operator's own address for a new stack.
 */
async function keptCidrs(
  found: Promise<readonly Actual[]>,
  present: () => Promise<string[]>,
): Promise<readonly string[]> {
  const kept = operatorCidrs(await found);
  return kept.length > 0 ? kept : present();
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
