import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import { grafanaFlags, grafanaTransport } from '../../cli/grafana-flags.js';
import type { ListedDashboards } from '../../operations/compare-dashboards.js';

export default class DashboardsList extends BaseCommand {
  static override summary = 'list the dashboards in our folder of Grafana';
  static override examples = [
    '<%= config.bin %> dashboards list',
    '<%= config.bin %> dashboards list 203.0.113.7',
  ];
  static override args = {
    'mon-ip': Args.string({ description: 'address of the monitoring host' }),
  };
  static override flags = { ...grafanaFlags, ...sshFlags };

  override async run(): Promise<ListedDashboards> {
    const { args, flags } = await this.parse(DashboardsList);
    const { listDashboards } = await import('../../operations/compare-dashboards.js');
    const transport = await grafanaTransport(flags);
    const listed = await listDashboards(await this.context(flags), { monitoring: args['mon-ip'], transport });
    if (listed.skipped !== undefined) this.log(`No Grafana: ${listed.skipped}.`);
    else if (listed.dashboards.length === 0)
      this.log("None yet. 'cloudops dashboards upload' puts them there.");
    for (const { uid, title } of listed.dashboards) this.log(`${uid}  ${title}`);
    return listed;
  }
}
