import { BaseCommand } from '../../cli/base-command.js';
import { confirmFlag } from '../../cli/flags.js';

/** `cloudops infra down` */
export default class InfraDown extends BaseCommand {
  static override summary = 'remove everything of the stack from AWS, and nothing else';
  static override examples = ['<%= config.bin %> infra down --confirm smartcloudops-dev'];
  static override flags = { ...confirmFlag };

  async run(): Promise<object> {
    const began = Date.now();
    const { flags } = await this.parse(InfraDown);
    const context = await this.context(flags);
    const { planInfra } = await import('../../operations/plan-infra.js');
    const { applyPlan } = await import('../../operations/apply-plan.js');
    const { infraResult } = await import('../../operations/infra-result.js');
    const { planText } = await import('../../ui/plan-text.js');
    const plan = await planInfra(context, { destroy: true });
    this.log(planText(plan));
    if (!plan.empty && !(await this.confirmStack(flags, context.stack))) {
      this.log('Nothing was changed.');
      return infraResult(context, { plan, ids: new Map(), began });
    }
    const { report, ids } = await applyPlan(context, plan);
    this.settle(report);
    if (!plan.empty)
      this.log(`Gone: ${plan.changes.length} resources in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
    const result = await infraResult(context, { plan, ids, began });
    await this.leaveSandbox(context);
    return result;
  }
}
