import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import type { ListedAlerts } from '../../operations/list-alerts.js';

export default class AlertsList extends BaseCommand {
  static override summary = 'show which alerts fire on the stack, or are about to';
  static override description =
    'Asks Prometheus, straight or from the monitoring host. An alert is pending while its condition has not held for long ' +
    'enough. The Watchdog, which always fires, is told only when it is missing.';
  static override examples = ['<%= config.bin %> alerts list', '<%= config.bin %> alerts list 203.0.113.7'];
  static override args = {
    'mon-ip': Args.string({ description: 'address of the monitoring host; default: that of the stack' }),
  };
  static override flags = { ...sshFlags };

  async run(): Promise<ListedAlerts> {
    const { args, flags } = await this.parse(AlertsList);
    const { listAlerts } = await import('../../operations/list-alerts.js');
    const result = await listAlerts(await this.context(flags), { monitoring: args['mon-ip'] });
    for (const { name, state, severity, since, summary, description, runbook } of result.alerts) {
      this.log(`${state}  ${severity}  ${name}  ${summary}, since ${since}`);
      this.log(`  ${description} See ${runbook}.`);
    }
    if (result.firing === 0) this.log('none firing');
    if (!result.watchdog) {
      this.log("The Watchdog is missing: rules are not evaluated, or not ours. See 'cloudops verify'.");
    }
    return result;
  }
}
