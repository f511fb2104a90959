import { watchdog } from '../../monitoring/meta-alerts.js';
import { eventually, type Look, type Patience } from '../patience.js';
import type { Probe } from '../probe.js';
import { askPrometheus, type SeenRule, seenRules } from '../prometheus-api.js';
import type { Service } from '../service.js';

const path = '/api/v1/rules?type=alert';

/** Rules by name: those on the stack, and those on the monitoring itself. */
export interface RuleNames {
  readonly alerts: readonly string[];
  readonly meta: readonly string[];
}

/** The rules are loaded and Prometheus can evaluate each; a rule that fires is no failure of the monitoring. */
export function prometheusRules(
  target: string,
  names: RuleNames,
  prometheus: Service,
  patience: Patience,
): Probe {
  return {
    id: 'prometheus.rules',
    target,
    title: `Alert rules on ${target}`,
    run: (signal) =>
      eventually(
        async () => judged(names, (await askPrometheus(prometheus, path, seenRules, signal)) ?? []),
        patience,
        signal,
      ),
  };
}

function judged({ alerts, meta }: RuleNames, seen: readonly SeenRule[]): Look {
  const rules = [...alerts, ...meta].map((name) => ({ name, rule: seen.find((one) => one.name === name) }));
  const missing = rules.filter(({ rule }) => rule === undefined).map(({ name }) => name);
  const sick = rules.flatMap(({ rule }) => (rule === undefined || rule.health === 'ok' ? [] : rule));
  const loaded = `${alerts.length} rules and ${meta.length} on the monitoring itself`;
  if (missing.length === 0 && sick.length === 0) {
    const firing = seen.filter(({ name, state }) => state === 'firing' && name !== watchdog);
    const more = firing.length === 0 ? 'none firing' : `firing: ${firing.map(({ name }) => name).join(', ')}`;
    return { settled: true, finding: { status: 'pass', message: `${loaded} loaded, ${more}` } };
  }
  const parts = [
    ...(missing.length === 0 ? [] : [`missing: ${missing.join(', ')}`]),
    ...sick.map(
      ({ name, health, lastError }) => `${name} is ${health}${lastError === '' ? '' : ` (${lastError})`}`,
    ),
  ];
  return {
    // A rule is 'unknown' until its first evaluation; a missing one may come with a reload under way.
    settled: missing.length === 0 && sick.every(({ health }) => health === 'err'),
    finding: {
      status: 'fail',
      message: parts.join('; '),
      expected: `${loaded}, each healthy`,
      hint: "Run 'cloudops monitoring configure': it writes the rules, checks them with promtool and reloads Prometheus.",
    },
  };
}
