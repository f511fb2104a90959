import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { confirmFlag, sshFlags } from '../../cli/flags.js';
import type { RemoveResult } from '../../operations/remove-monitoring.js';

export default class MonitoringRemove extends BaseCommand {
  static override summary = "take away what 'monitoring configure' put on the hosts";
  static override description =
    'Data stays unless --purge is given: what Prometheus stored, and the database of Grafana with its keys. Packages of the distribution stay installed, their services disabled.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> monitoring remove',
    '<%= config.bin %> monitoring remove 203.0.113.7 203.0.113.8 --purge',
  ];
  static override args = {
    'mon-ip': Args.string({ description: 'address of the monitoring host' }),
    'app-ip': Args.string({ description: 'addresses of application hosts, any number' }),
  };
  static override flags = {
    ...sshFlags,
    ...confirmFlag,
    purge: Flags.boolean({ summary: 'remove the data as well' }),
  };

  async run(): Promise<RemoveResult | { confirmed: false }> {
    const { argv, flags } = await this.parse(MonitoringRemove);
    const [monitoring, ...applications] = argv as string[];
    const { removeMonitoring } = await import('../../operations/remove-monitoring.js');
    const context = await this.context(flags);
    if (!(await this.confirmStack(flags, context.stack))) {
      this.log('Nothing was removed.');
      return { confirmed: false };
    }
    const { result, report } = await removeMonitoring(context, {
      monitoring,
      applications,
      purge: flags.purge,
    });
    this.settle(report);
    for (const { host, removed } of result.hosts)
      this.log(removed.length === 0 ? `${host}: nothing was there` : `${host}: ${removed.join(', ')}`);
    return result;
  }
}
