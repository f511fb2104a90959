import type { DashboardJson } from './grafana.js';

/** One rule that a dashboard breaks; `where` names the panel or variable. */
export interface LintFinding {
  readonly rule: string;
  readonly where: string;
  readonly message: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Rule = (dashboard: Fields) => LintFinding[];

/** The rules of the field that need no parser of PromQL; empty means none is broken. */
export function lintDashboard(dashboard: DashboardJson): LintFinding[] {
  return rules.flatMap((rule) => rule(dashboard));
}

const rules: readonly Rule[] = [
  dataSourceVariable,
  (dashboard) => labelVariable(dashboard, 'job'),
  (dashboard) => labelVariable(dashboard, 'instance'),
  editable,
  panelIds,
  (dashboard) => panels(dashboard).flatMap(panelRules),
];

function dataSourceVariable(dashboard: Fields): LintFinding[] {
  const found = variables(dashboard).find(({ name }) => name === 'datasource');
  if (found === undefined) {
    return [finding('template-datasource', 'variables', "there is no variable 'datasource'")];
  }
  return found['type'] === 'datasource' && found['label'] === 'Data source'
    ? []
    : [
        finding(
          'template-datasource',
          'datasource',
          "its type should be 'datasource', its label 'Data source'",
        ),
      ];
}

function labelVariable(dashboard: Fields, name: string): LintFinding[] {
  const rule = `template-${name}`;
  const found = variables(dashboard).find((variable) => variable['name'] === name);
  if (found === undefined) return [finding(rule, 'variables', `there is no variable '${name}'`)];
  const problems: string[] = [];
  if (found['type'] !== 'query') problems.push("its type should be 'query'");
  if (found['multi'] !== true) problems.push('it should take several values');
  if (found['allValue'] !== '.+') problems.push("its value for all should be '.+'");
  if (found['refresh'] !== 2) problems.push('it should refresh when the time range changes');
  return problems.map((problem) => finding(rule, name, problem));
}

function editable(dashboard: Fields): LintFinding[] {
  return dashboard['editable'] === false
    ? []
    : [
        finding(
          'uneditable-dashboard',
          'dashboard',
          "'editable' should be false: the next upload replaces edits",
        ),
      ];
}

function panelIds(dashboard: Fields): LintFinding[] {
  const seen = new Set<unknown>();
  return panels(dashboard).flatMap((panel) => {
    const { id } = panel;
    const twice = seen.has(id);
    seen.add(id);
    if (typeof id !== 'number')
      return [finding('panel-id', nameOf(panel), 'it has no id: links to it break')];
    return twice ? [finding('panel-id', nameOf(panel), `another panel has its id ${id}`)] : [];
  });
}

function panelRules(panel: Fields): LintFinding[] {
  const where = nameOf(panel);
  if (panel['type'] === 'row' || panel['type'] === 'text') return [];
  const found: LintFinding[] = [];
  if (text(panel['title']) === '' || text(panel['description']) === '') {
    found.push(finding('panel-title-description', where, 'it needs a title and a description'));
  }
  const { defaults } = fields(panel['fieldConfig']);
  const { unit, mappings } = fields(defaults);
  if (text(unit) === '' && list(mappings).length === 0) {
    found.push(finding('panel-units', where, 'it has no unit'));
  }
  const { legend } = fields(panel['options']);
  if (fields(legend)['showLegend'] === false)
    found.push(finding('panel-legend', where, 'its legend is hidden'));
  const targets = list(panel['targets']);
  if (targets.length === 0) found.push(finding('panel-no-targets', where, 'it has no query'));
  return [...found, ...targets.flatMap((target) => queryRules(where, text(target['expr'])))];
}

function queryRules(where: string, expr: string): LintFinding[] {
  if (expr === '') return [finding('target-promql', where, 'a query is empty')];
  const found: LintFinding[] = [];
  if (/\b(i?rate)\((?:[^()]|\([^()]*\))*\[(?!\$__rate_interval\])/.test(expr)) {
    found.push(finding('target-rate-interval', where, 'rate() should use [$__rate_interval]'));
  }
  if (/\birate\(/.test(expr))
    found.push(finding('target-irate', where, 'irate() hides everything between two samples'));
  for (const name of ['job', 'instance']) {
    const selectors = expr.match(/\{[^{}]*\}/g) ?? [];
    const wanted = `${name}=~"$${name}"`;
    if (selectors.length === 0 || selectors.some((selector) => !selector.includes(wanted))) {
      found.push(finding(`target-${name}`, where, `every selector should have ${wanted}: ${expr}`));
    }
  }
  return found;
}

/** All panels, those in collapsed rows too. */
function panels(dashboard: Fields): Fields[] {
  return list(dashboard['panels']).flatMap((panel) => [panel, ...list(panel['panels'])]);
}

function variables(dashboard: Fields): Fields[] {
  return list(fields(dashboard['templating'])['list']);
}

function nameOf(panel: Fields): string {
  return `panel '${text(panel['title']) || JSON.stringify(panel['id'])}'`;
}

function finding(rule: string, where: string, message: string): LintFinding {
  return { rule, where, message };
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
