import type { DashboardJson } from './grafana.js';
import { type Fields, text } from './json.js';
import { finding, type LintFinding, ofPanel } from './lint-finding.js';
import { panelFindings } from './lint-panels.js';
import { queryFindings } from './lint-queries.js';
import { panelsOf, variablesOf } from './queries.js';
import { readPromql } from './promql.js';
import { labelQuery } from './variables.js';

/** The rules of the field, PromQL's syntax and types among them; empty means none is broken. Reads nothing else. */
export function lintDashboard(dashboard: DashboardJson): LintFinding[] {
  return [
    ...dataSourceVariable(dashboard),
    ...labelVariable(dashboard, 'job'),
    ...labelVariable(dashboard, 'instance'),
    ...variablesOf(dashboard).flatMap(queryVariable),
    ...editable(dashboard),
    ...panelIds(dashboard),
    ...panelsOf(dashboard).flatMap((panel) => [...panelFindings(panel), ...queryFindings(dashboard, panel)]),
  ];
}

function dataSourceVariable(dashboard: Fields): LintFinding[] {
  const found = variablesOf(dashboard).find(({ name }) => name === 'datasource');
  if (found === undefined) {
    return [finding('template-datasource', 'variables', "there is no variable 'datasource'")];
  }
  const right = found['type'] === 'datasource' && found['label'] === 'Data source';
  const wanted = "its type should be 'datasource', its label 'Data source'";
  return right ? [] : [finding('template-datasource', "variable 'datasource'", wanted)];
}

function labelVariable(dashboard: Fields, name: string): LintFinding[] {
  const rule = `template-${name}`;
  const found = variablesOf(dashboard).find((variable) => variable['name'] === name);
  if (found === undefined) return [finding(rule, 'variables', `there is no variable '${name}'`)];
  const problems: string[] = [];
  if (found['type'] !== 'query') problems.push("its type should be 'query'");
  if (text(found['label']).toLowerCase() !== name) problems.push(`its label should be '${capital(name)}'`);
  if (found['multi'] !== true) problems.push('it should take several values');
  if (found['allValue'] !== '.+') problems.push("its value for all should be '.+'");
  return problems.map((problem) => finding(rule, `variable '${name}'`, problem));
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function queryVariable(variable: Fields): LintFinding[] {
  if (variable['type'] !== 'query') return [];
  const where = `variable '${text(variable['name'])}'`;
  const found: LintFinding[] = [];
  if (variable['refresh'] !== 2) {
    const wanted = "it should refresh when the time range changes ('refresh': 2)";
    found.push(finding('template-on-time-change-reload', where, wanted));
  }
  const selector = labelQuery(variable)?.selector;
  if (selector === undefined) return found;
  const [problem] = readPromql(selector.replaceAll(/\$\w+|\$\{\w+\}/g, 'x')).problems;
  if (problem !== undefined)
    found.push(finding('template-label-promql', where, `${problem.message}: ${selector}`));
  return found;
}

function editable(dashboard: Fields): LintFinding[] {
  if (dashboard['editable'] === false) return [];
  const why = "'editable' should be false: what is edited in Grafana stands in the way of the next upload";
  return [finding('uneditable-dashboard', 'dashboard', why)];
}

function panelIds(dashboard: Fields): LintFinding[] {
  const seen = new Set<unknown>();
  return panelsOf(dashboard).flatMap((panel) => {
    const { id } = panel;
    const twice = seen.has(id);
    seen.add(id);
    if (typeof id !== 'number')
      return [finding('panel-id', ofPanel(panel), 'it has no id: links to it break')];
    return twice ? [finding('panel-id', ofPanel(panel), `another panel has its id ${id}`)] : [];
  });
}
