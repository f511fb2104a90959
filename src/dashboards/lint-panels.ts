import { type Fields, fields, list, text } from './json.js';
import { finding, type LintFinding, ofPanel } from './lint-finding.js';

/** Panels that show no numbers of a data source. */
const still = new Set(['row', 'text', 'dashlist', 'news', 'welcome']);

/** What is wrong with a panel, its queries aside. */
export function panelFindings(panel: Fields): LintFinding[] {
  const where = ofPanel(panel);
  if (still.has(text(panel['type']))) return [];
  const found: LintFinding[] = [];
  if (text(panel['title']) === '' || text(panel['description']) === '') {
    found.push(finding('panel-title-description', where, 'it needs a title and a description'));
  }
  if (!hasUnit(panel)) found.push(finding('panel-units', where, 'it has no unit'));
  if (fields(fields(panel['options'])['legend'])['showLegend'] === false) {
    found.push(finding('panel-legend', where, 'its legend is hidden'));
  }
  if (list(panel['targets']).length === 0) found.push(finding('panel-no-targets', where, 'it has no query'));
  if (!usesVariable(panel)) {
    found.push(finding('panel-datasource', where, "its data source should be the variable '${datasource}'"));
  }
  return found;
}

function hasUnit(panel: Fields): boolean {
  const { defaults, overrides } = fields(panel['fieldConfig']);
  const { unit, mappings } = fields(defaults);
  if (text(unit) !== '' || list(mappings).length > 0) return true;
  return list(overrides).some(({ properties }) => list(properties).some(({ id }) => id === 'unit'));
}

/** By the panel, or by each of its queries. */
function usesVariable(panel: Fields): boolean {
  const variable = (value: unknown): boolean => {
    const uid = typeof value === 'string' ? value : text(fields(value)['uid']);
    return uid === '$datasource' || uid === '${datasource}';
  };
  if (variable(panel['datasource'])) return true;
  const targets = list(panel['targets']);
  return targets.length > 0 && targets.every(({ datasource }) => variable(datasource));
}
