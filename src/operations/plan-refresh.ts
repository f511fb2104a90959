import { explain } from '../infra/aws-errors.js';
import { discover } from '../infra/discover.js';
import { type Kinds, kinds } from '../infra/kinds.js';
import { operatorAddress } from '../infra/operator-address.js';
import { type Plan, plan } from '../infra/plan.js';
import type { Actual, Desired } from '../infra/resource.js';
import type { SecurityGroupSpec } from '../infra/resources/security-group.js';
import type { Rules } from '../infra/rules.js';
import { fromOperator, operatorRules } from '../infra/stack.js';
import type { Context } from './context.js';
import { noStack } from './stack-outputs.js';

/** A plan that moves our own operator rules to where the operator is now, and touches no other rule. */
export async function planRefresh(context: Context): Promise<Plan> {
  const { config, signal, stack } = context;
  const aws = await context.aws();
  const needed: Kinds = new Map([...kinds].filter(([kind]) => /^(vpc|security-group)$/.test(kind)));
  const { allowCidrs } = config.access;
  const [actual, cidrs] = await Promise.all([
    discover(needed, aws).catch((error: unknown) => {
      throw explain(error, 'read the security groups');
    }),
    allowCidrs.length > 0 ? allowCidrs : operatorAddress(signal).then((cidr) => [cidr]),
  ]);
  const groups = actual.filter(({ kind }) => kind === 'security-group');
  if (groups.length === 0) throw noStack(context);
  const wanted = operatorRules(config, cidrs);
  const desired = groups.map((group) => moved(group, wanted));
  return plan(needed, { stack, region: aws.region, desired, actual: groups });
}

function moved({ kind, name, spec }: Actual, wanted: ReturnType<typeof operatorRules>): Desired {
  const { ingress, ...rest } = spec as SecurityGroupSpec;
  const ours = Object.hasOwn(wanted, name) ? wanted[name as keyof typeof wanted] : undefined;
  return { kind, name, spec: { ...rest, ingress: ours === undefined ? ingress : movedRules(ingress, ours) } };
}

/** A rule that somebody made for the same port and address stays as it is. */
function movedRules(present: Rules, ours: Rules): Rules {
  const others = Object.fromEntries(Object.entries(present).filter(([, text]) => !fromOperator.test(text)));
  return { ...ours, ...others };
}
