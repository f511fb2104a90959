import type { Actual } from './resource.js';
import type { SecurityGroupSpec } from './resources/security-group.js';
import { fromOperator } from './stack.js';

/**
 * Pure: the networks that a stack's groups let in as the operator's. Only those count that more than half of the
 * operator's rules name, so that a single rule changed by hand is drift and no new operator.
 */
export function operatorCidrs(actual: readonly Actual[]): string[] {
  const rules = actual
    .filter(({ kind }) => kind === 'security-group')
    .flatMap(({ name, spec }) =>
      Object.entries((spec as SecurityGroupSpec).ingress)
        .filter(([, description]) => fromOperator.test(description))
        .map(([rule]) => {
          const [port = '', from = ''] = rule.split(' from ');
          return { door: `${name} ${port}`, from };
        }),
    );
  const doors = new Set(rules.map(({ door }) => door));
  return [...new Set(rules.map(({ from }) => from))].filter(
    (cidr) => rules.filter(({ from }) => from === cidr).length * 2 > doors.size,
  );
}
