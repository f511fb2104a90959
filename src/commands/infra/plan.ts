import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { allowCidrFlag } from '../../cli/flags.js';
import { exitCodes } from '../../errors.js';

/** `cloudops infra plan` */
export default class InfraPlan extends BaseCommand {
  static override summary = 'show the difference between the config and what exists in AWS';
  static override description = 'Attribute by attribute, drift included. Reads only.';
  static override examples = ['<%= config.bin %> infra plan', '<%= config.bin %> infra plan --out plan.json'];
  static override flags = {
    ...allowCidrFlag,
    'detailed-exitcode': Flags.boolean({ summary: 'exit 3 when there are changes' }),
    out: Flags.string({ summary: "keep the plan for 'infra up --plan'", helpValue: 'FILE' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(InfraPlan);
    const context = await this.context(flags);
    const { planInfra } = await import('../../operations/plan-infra.js');
    const { planDocument } = await import('../../operations/plan-document.js');
    const { planText } = await import('../../ui/plan-text.js');
    const plan = await planInfra(context);
    if (flags.out !== undefined) {
      const { savePlan } = await import('../../operations/plan-file.js');
      await savePlan(plan, flags.out);
    }
    this.log(planText(plan));
    if (flags.out !== undefined)
      this.log(`Kept in ${flags.out}; apply it with 'cloudops infra up --plan ${flags.out}'.`);
    if (flags['detailed-exitcode'] && !plan.empty) this.exitWith(exitCodes.changesPending);
    return planDocument(plan);
  }
}
