import { type Fields, list, text } from './json.js';
import { finding, type LintFinding, ofPanel } from './lint-finding.js';
import { type ReadPromql, readPromql, type Selector } from './promql.js';
import { panelQueries } from './queries.js';
import { defaultValues, filled, single, type Values } from './variables.js';

/** A duration that nobody writes by hand: it tells Grafana's own window from a fixed one. */
const rateWindow = '4241s';

/** What is wrong with the queries of a panel. */
export function queryFindings(dashboard: Fields, panel: Fields): LintFinding[] {
  const where = ofPanel(panel);
  const empty = list(panel['targets']).filter((target) => 'expr' in target && text(target['expr']) === '');
  return [
    ...empty.map(() => finding('target-promql', where, 'a query is empty')),
    ...panelQueries(panel).flatMap(({ expr }) => exprFindings(where, expr, readQuery(dashboard, expr))),
  ];
}

/** The expression read with every variable filled in but `$job` and `$instance`, which only strings hold. */
export function readQuery(dashboard: Fields, expr: string): ReadPromql {
  return readPromql(filled(expr, forReading(dashboard)));
}

function forReading(dashboard: Fields): Values {
  const own = [...defaultValues(dashboard)].map(
    ([name, { values }]) => [name, single(values[0] ?? 'placeholder')] as const,
  );
  const windows = [
    ['__rate_interval', rateWindow],
    ['__interval', '4242s'],
    ['__range', '4243s'],
    ['__range_s', '4243'],
    ['__range_ms', '4243000'],
    ['__interval_ms', '4242000'],
  ] as const;
  const values = new Map([...own, ...windows.map(([name, value]) => [name, single(value)] as const)]);
  values.delete('job');
  values.delete('instance');
  return values;
}

function exprFindings(where: string, expr: string, read: ReadPromql): LintFinding[] {
  const [problem] = read.problems;
  if (problem !== undefined) {
    return [finding('target-promql', where, `${problem.message} (character ${problem.at + 1}): ${expr}`)];
  }
  const found: LintFinding[] = [];
  const fixed = read.rangeCalls.find(({ name, window }) => /^i?rate$/.test(name) && window !== rateWindow);
  if (fixed !== undefined) {
    found.push(
      finding('target-rate-interval', where, `${fixed.name}() should use [$__rate_interval]: ${expr}`),
    );
  }
  if (read.rangeCalls.some(({ name }) => name === 'irate')) {
    found.push(finding('target-irate', where, `irate() hides everything between two samples: ${expr}`));
  }
  for (const selector of read.selectors) {
    if (isRawCounter(selector)) {
      const why = `the counter ${selector.metric ?? ''} only ever grows: take its rate() or increase()`;
      found.push(finding('target-counter-agg', where, why));
    }
  }
  return [...found, ...scopeFindings(where, read.selectors)];
}

function scopeFindings(where: string, selectors: readonly Selector[]): LintFinding[] {
  return ['job', 'instance'].flatMap((name) => {
    const wanted = [`${name}=~"$${name}"`, `${name}=~"\${${name}}"`, `${name}=~"\${${name}:regex}"`];
    const without = selectors.find(({ matchers }) => !matchers.some((matcher) => wanted.includes(matcher)));
    if (without === undefined) return [];
    return [
      finding(`target-${name}`, where, `every selector should have ${wanted[0] ?? ''}: ${without.text}`),
    ];
  });
}

/** Whoever counts or compares series may take a counter as it is. */
const takesCounters = new Set(
  'rate irate increase resets changes count group absent absent_over_time present_over_time count_over_time timestamp'.split(
    ' ',
  ),
);

function isRawCounter({ metric, inside }: Selector): boolean {
  return metric?.endsWith('_total') === true && !inside.some((name) => takesCounters.has(name));
}
