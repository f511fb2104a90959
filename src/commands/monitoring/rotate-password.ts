import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags, yesFlag } from '../../cli/flags.js';
import type { Rotated } from '../../operations/rotate-password.js';

export default class MonitoringRotatePassword extends BaseCommand {
  static override summary = "give Grafana's admin a new password";
  static override description =
    'Takes effect at once, proven by a login. The new one is in a file that only you can read; it is never printed.';
  static override examples = ['<%= config.bin %> monitoring rotate-password'];
  static override args = { 'mon-ip': Args.string({ description: 'address of the monitoring host' }) };
  static override flags = { ...sshFlags, ...yesFlag };

  async run(): Promise<Rotated | { confirmed: false }> {
    const { args, flags } = await this.parse(MonitoringRotatePassword);
    const { rotatePassword } = await import('../../operations/rotate-password.js');
    const context = await this.context(flags);
    const where = args['mon-ip'] ?? `the monitoring host of ${context.stack}`;
    if (!(await this.confirm(flags, `Change Grafana's admin password on ${where}?`)))
      return { confirmed: false };
    const rotated = await rotatePassword(context, { monitoring: args['mon-ip'] });
    this.log(`The new password of user admin is in ${rotated.passwordFile}.`);
    return rotated;
  }
}
