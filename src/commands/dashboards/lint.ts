import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import type { LintedDashboard } from '../../dashboards/lint-files.js';

/** The document of `dashboards lint --json`. */
export interface LintResult {
  readonly ok: boolean;
  readonly dashboards: readonly LintedDashboard[];
}

export default class DashboardsLint extends BaseCommand {
  static override summary = 'check dashboard files';
  static override description =
    'Without files: the dashboards that come with cloudops. Reads files only; exit code 1 when a rule is broken.';
  static override examples = [
    '<%= config.bin %> dashboards lint',
    '<%= config.bin %> dashboards lint team.json boards/',
  ];
  static override strict = false;
  static override args = { file: Args.string({ description: 'files and folders of such' }) };

  override async run(): Promise<LintResult> {
    const { argv } = await this.parse(DashboardsLint);
    const { lintFiles } = await import('../../dashboards/lint-files.js');
    const dashboards = await lintFiles(argv as string[]);
    for (const { source, findings } of dashboards) {
      this.log(`${source}: ${findings.length === 0 ? 'ok' : `${findings.length} findings`}`);
      for (const { rule, where, message } of findings) this.log(`  ${rule}  ${where}: ${message}`);
    }
    const ok = dashboards.every(({ findings }) => findings.length === 0);
    if (!ok) this.exitWith(1);
    return { ok, dashboards };
  }
}
