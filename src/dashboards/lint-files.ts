import { lintDashboard, type LintFinding } from './lint.js';
import { loadDashboards, shippedDashboards } from './load.js';

/** One file and the rules it breaks; a file that can't be used breaks the rule `loads`. */
export interface LintedDashboard {
  readonly source: string;
  readonly findings: readonly LintFinding[];
}

/** Checks files and folders, or the dashboards that ship. Never rejects because of what a file holds. */
export async function lintFiles(paths: readonly string[]): Promise<readonly LintedDashboard[]> {
  const { good, refused } =
    paths.length === 0 ? { good: shippedDashboards(), refused: [] } : await loadDashboards(paths);
  return [
    ...good.map(({ source, content }) => ({ source, findings: lintDashboard(content) })),
    ...refused.map(({ source, error }) => ({
      source,
      findings: [{ rule: 'loads', where: 'file', message: error.why ?? error.what }],
    })),
  ];
}
