import { BaseCommand } from '../../cli/base-command.js';
import { allowCidrFlag, lockFlag, yesFlag } from '../../cli/flags.js';

/** `cloudops infra refresh-ip` */
export default class InfraRefreshIp extends BaseCommand {
  static override summary = 'let the operator in from the address of today';
  static override description =
    "Moves cloudops' own rules (SSH, Prometheus, Grafana, the application) to your present address, or to --allow-cidr. Other rules stay as they are.";
  static override examples = [
    '<%= config.bin %> infra refresh-ip',
    '<%= config.bin %> infra refresh-ip --yes --allow-cidr 203.0.113.7/32',
  ];
  static override flags = { ...yesFlag, ...allowCidrFlag, ...lockFlag };

  async run(): Promise<object> {
    const began = Date.now();
    const { flags } = await this.parse(InfraRefreshIp);
    const context = await this.context(flags);
    const { refreshIp } = await import('../../operations/refresh-ip.js');
    const { planRefresh } = await import('../../operations/plan-refresh.js');
    const { planDocument } = await import('../../operations/plan-document.js');
    const { doneText, planText } = await import('../../ui/plan-text.js');
    const plan = await planRefresh(context);
    this.log(planText(plan));
    if (plan.empty) return planDocument(plan);
    if (!(await this.confirm(flags, 'Move these rules?'))) {
      this.log('Nothing was changed.');
      return planDocument(plan);
    }
    const { report } = await refreshIp(context, plan, { waitMs: flags['lock-timeout'] });
    this.settle(report);
    this.log(`Done in ${((Date.now() - began) / 1000).toFixed(1)} s: ${doneText(plan)}.`);
    return planDocument(plan);
  }
}
