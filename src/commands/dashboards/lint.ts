import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import type { LintResult } from '../../operations/lint-dashboards.js';

export default class DashboardsLint extends BaseCommand {
  static override summary = 'check dashboard files';
  static override description =
    'Without files: the dashboards that come with cloudops, and those of dashboards.files in the config. Holds the ' +
    "rules of the field, and PromQL's syntax and types; exit code 1 when one is broken. A file .lint beside a " +
    'dashboard names the rules to let pass, with reasons. With an address, --from, or a stack that this machine ' +
    'made, queries whose metric no target exposes are named as warnings.';
  static override examples = [
    '<%= config.bin %> dashboards lint',
    '<%= config.bin %> dashboards lint team.json boards/',
    '<%= config.bin %> dashboards lint --from http://localhost:9090 boards/',
  ];
  static override strict = false;
  static override args = {
    'mon-ip-or-file': Args.string({
      description: 'address of a monitoring host to ask for its metrics, or a first file or folder',
    }),
  };
  static override flags = {
    from: Flags.string({
      summary: 'ask the Prometheus at this URL which metrics there are',
      helpValue: 'URL',
    }),
    offline: Flags.boolean({ summary: 'check the files only', exclusive: ['from'] }),
    ...sshFlags,
  };

  override async run(): Promise<LintResult> {
    const { argv, flags } = await this.parse(DashboardsLint);
    const { hostAndFiles } = await import('../../dashboards/arguments.js');
    const { lintDashboards } = await import('../../operations/lint-dashboards.js');
    const { lintText } = await import('../../ui/lint-text.js');
    const { from, offline } = flags;
    const linted = await lintDashboards(await this.context(flags), {
      ...hostAndFiles(argv as string[]),
      from,
      offline,
    });
    this.log(lintText(linted));
    if (!linted.ok) this.exitWith(1);
    return linted;
  }
}
