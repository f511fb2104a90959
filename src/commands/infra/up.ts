import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { allowCidrFlag, lockFlag, yesFlag } from '../../cli/flags.js';

/** `cloudops infra up` */
export default class InfraUp extends BaseCommand {
  static override summary = 'create or change the stack in AWS until it is as the config wants it';
  static override description = 'Safe to repeat: what is right already stays as it is.';
  static override examples = [
    '<%= config.bin %> infra up',
    '<%= config.bin %> infra up --yes --allow-cidr 203.0.113.7/32',
  ];
  static override flags = {
    ...yesFlag,
    ...allowCidrFlag,
    ...lockFlag,
    plan: Flags.string({ summary: 'apply this plan and nothing else', helpValue: 'FILE' }),
    'allow-replace': Flags.boolean({ summary: 'allow to delete and make anew what AWS cannot change' }),
    'allow-stop': Flags.boolean({ summary: 'allow to stop a host for a change that needs it' }),
  };

  async run(): Promise<object> {
    const began = Date.now();
    const { flags } = await this.parse(InfraUp);
    const context = await this.context(flags);
    const { prepare } = await import('../../operations/prepare.js');
    const { planAgain } = await import('../../operations/plan-again.js');
    const { applyPlan } = await import('../../operations/apply-plan.js');
    const { infraResult } = await import('../../operations/infra-result.js');
    const { outcomeText } = await import('../../ui/outcome-text.js');
    const { doneText, planText } = await import('../../ui/plan-text.js');
    const prepared = await prepare(context, { command: 'infra up', waitMs: flags['lock-timeout'] });
    let { plan } = prepared;
    if (flags.plan !== undefined) {
      const { loadPlan, refuseStale } = await import('../../operations/plan-file.js');
      const kept = await loadPlan(flags.plan);
      refuseStale(kept, plan);
      plan = kept;
    }
    this.log(planText(plan));
    if (!plan.empty && flags.plan === undefined && !(await this.confirm(flags, 'Make these changes?'))) {
      this.log('Nothing was changed.');
      return infraResult(context, { plan, ids: new Map(), began });
    }
    const applied = await applyPlan(context, plan, {
      allowReplace: flags['allow-replace'],
      allowStop: flags['allow-stop'],
      lock: {
        view: prepared.lock,
        again: () =>
          planAgain(context, plan, {
            agree: async (now) => flags.plan === undefined && this.agreeAgain(flags, planText(now)),
          }),
      },
    });
    await this.settleInfra(applied);
    const result = await infraResult(context, { ...applied, began, outputs: true });
    if (!plan.empty) {
      this.log(outcomeText(result.resources ?? []));
      this.log(`Done in ${((Date.now() - began) / 1000).toFixed(1)} s: ${doneText(plan)}.`);
    }
    this.log("Next: 'cloudops monitoring configure', or 'cloudops infra output' for addresses.");
    return result;
  }
}
