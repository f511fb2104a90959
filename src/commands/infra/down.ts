import { BaseCommand } from '../../cli/base-command.js';
import { confirmFlag, lockFlag } from '../../cli/flags.js';
import type { Plan } from '../../infra/plan.js';

/** `cloudops infra down` */
export default class InfraDown extends BaseCommand {
  static override summary = 'remove everything of the stack from AWS, and nothing else';
  static override examples = ['<%= config.bin %> infra down --confirm smartcloudops-dev'];
  static override flags = { ...confirmFlag, ...lockFlag };

  async run(): Promise<object> {
    const began = Date.now();
    const { flags } = await this.parse(InfraDown);
    const context = await this.context(flags);
    const { prepare } = await import('../../operations/prepare.js');
    const { planAgain } = await import('../../operations/plan-again.js');
    const { forgetLock } = await import('../../operations/with-lock.js');
    const { removeSharedSecrets } = await import('../../operations/secret-store.js');
    const { applyPlan } = await import('../../operations/apply-plan.js');
    const { infraResult } = await import('../../operations/infra-result.js');
    const { planText } = await import('../../ui/plan-text.js');
    const command = 'infra down';
    const { plan, lock } = await prepare(context, { command, waitMs: flags['lock-timeout'], destroy: true });
    this.log(planText(plan));
    if (!plan.empty && !(await this.confirmStack(flags, context.stack))) {
      this.log('Nothing was changed.');
      return infraResult(context, { plan, ids: new Map(), began });
    }
    // The stack's name was confirmed: whatever else it has by now goes too.
    const again = (): Promise<Plan> =>
      planAgain(context, plan, { destroy: true, agree: async () => Promise.resolve(true) });
    const applied = await applyPlan(context, plan, { lock: { view: lock, again } });
    if (plan.empty) await forgetLock(await context.aws(), lock);
    await this.settleInfra(applied);
    // Hosts that AWS doesn't know may have secrets there too.
    const sure = !plan.empty || flags.confirm === context.stack;
    const secrets = sure ? await removeSharedSecrets(context) : [];
    if (!plan.empty)
      this.log(
        `Gone: ${applied.plan.changes.length} resources in ${((Date.now() - began) / 1000).toFixed(1)} s.`,
      );
    if (secrets.length > 0) this.log(`Removed from SSM: ${secrets.join(', ')}.`);
    const result = await infraResult(context, { ...applied, began });
    await this.leaveSandbox(context);
    return result;
  }
}
