import { lintDashboard } from './lint.js';
import type { LintFinding } from './lint-finding.js';
import { excludedBecause, exclusionsBeside } from './lint-exclusions.js';
import { unknownMetrics } from './lint-metrics.js';
import type { Loaded } from './load.js';
import type { DashboardFile } from './parse.js';

/** A finding that the file `.lint` lets pass, with its reason. */
export interface Excluded extends LintFinding {
  readonly reason: string;
}

/** One file and the rules it breaks; a file that can't be used breaks the rule `loads`. */
export interface LintedDashboard {
  readonly source: string;
  readonly findings: readonly LintFinding[];
  readonly excluded: readonly Excluded[];
}

/**
 * Checks dashboards; refused files break the rule `loads`. `metrics`: the names that a Prometheus knows, where one is
 * at hand. Never rejects because of what a dashboard holds.
 */
export async function lintLoaded(
  { good, refused }: Loaded,
  metrics?: ReadonlySet<string>,
): Promise<readonly LintedDashboard[]> {
  const linted = await Promise.all(good.map((file) => lintOne(file, metrics)));
  const unusable = refused.map(({ source, error }) => ({
    source,
    findings: [
      { rule: 'loads', where: 'file', message: error.why ?? error.what, severity: 'error' as const },
    ],
    excluded: [],
  }));
  return [...linted, ...unusable];
}

async function lintOne(
  { source, title, content }: DashboardFile,
  metrics: ReadonlySet<string> | undefined,
): Promise<LintedDashboard> {
  const exclusions = await exclusionsBeside(source);
  const all = [...lintDashboard(content), ...(metrics === undefined ? [] : unknownMetrics(content, metrics))];
  const findings: LintFinding[] = [];
  const excluded: Excluded[] = [];
  for (const one of all) {
    const reason = excludedBecause(one, title, exclusions);
    if (reason === undefined) findings.push(one);
    else excluded.push({ ...one, reason });
  }
  return { source, findings, excluded };
}
