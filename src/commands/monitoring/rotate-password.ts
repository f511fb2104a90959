import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags, yesFlag } from '../../cli/flags.js';
import type { Context } from '../../operations/context.js';
import type { Rotated, RotateOptions } from '../../operations/rotate-password.js';

export default class MonitoringRotatePassword extends BaseCommand {
  static override summary = "give Grafana's admin, or the user of Prometheus, a new password";
  static override description =
    'Takes effect at once, proven by a login. The new one is in a file that only you can read; it is never printed.';
  static override examples = [
    '<%= config.bin %> monitoring rotate-password',
    '<%= config.bin %> monitoring rotate-password --service prometheus',
  ];
  static override args = { 'mon-ip': Args.string({ description: 'address of the monitoring host' }) };
  static override flags = {
    ...sshFlags,
    ...yesFlag,
    service: Flags.option({
      options: ['grafana', 'prometheus'] as const,
      default: 'grafana' as const,
      summary: "whose password; Prometheus has one with 'monitoring.prometheus.basicAuth'",
    })(),
  };

  async run(): Promise<Rotated | { confirmed: false }> {
    const { args, flags } = await this.parse(MonitoringRotatePassword);
    const context = await this.context(flags);
    const where = args['mon-ip'] ?? `the monitoring host of ${context.stack}`;
    if (!(await this.confirm(flags, `Change ${passwords[flags.service]} on ${where}?`)))
      return { confirmed: false };
    const rotated = await rotate(flags.service, context, { monitoring: args['mon-ip'] });
    this.log(`The new password of user ${rotated.user} is in ${rotated.passwordFile}.`);
    return rotated;
  }
}

const passwords = { grafana: "Grafana's admin password", prometheus: "Prometheus' password" } as const;

async function rotate(
  service: keyof typeof passwords,
  context: Context,
  options: RotateOptions,
): Promise<Rotated> {
  if (service === 'grafana') {
    const { rotatePassword } = await import('../../operations/rotate-password.js');
    return rotatePassword(context, options);
  }
  const { rotatePrometheusPassword } = await import('../../operations/rotate-prometheus.js');
  return rotatePrometheusPassword(context, options);
}
