import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import { dataSourceFlag, grafanaFlags, grafanaTransport } from '../../cli/grafana-flags.js';
import type { ComparedDashboards } from '../../operations/compare-dashboards.js';

export default class DashboardsDiff extends BaseCommand {
  static override summary = 'show what an upload would change in Grafana';
  static override examples = [
    '<%= config.bin %> dashboards diff',
    '<%= config.bin %> dashboards diff team.json',
  ];
  static override strict = false;
  static override args = {
    'mon-ip-or-file': Args.string({
      description: 'address of the monitoring host, or a first file or folder',
    }),
  };
  static override flags = { ...dataSourceFlag, ...grafanaFlags, ...sshFlags };

  override async run(): Promise<ComparedDashboards> {
    const { argv, flags } = await this.parse(DashboardsDiff);
    const { hostAndFiles } = await import('../../dashboards/arguments.js');
    const { compareDashboards } = await import('../../operations/compare-dashboards.js');
    const { diffText } = await import('../../ui/dashboards-text.js');
    const { givenSources } = await import('../../dashboards/data-sources.js');
    const compared = await compareDashboards(await this.context(flags), {
      ...hostAndFiles(argv as string[]),
      transport: await grafanaTransport(flags),
      sources: givenSources(flags['data-source'] ?? []),
    });
    this.log(
      compared.skipped === undefined ? diffText(compared.dashboards) : `No Grafana: ${compared.skipped}.`,
    );
    return compared;
  }
}
