import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { allowCidrFlag, lockFlag, sshFlags, yesFlag } from '../cli/flags.js';
import { exitCodes } from '../errors.js';

/** `cloudops up` */
export default class Up extends BaseCommand {
  static override summary = 'everything in one run: infrastructure, monitoring, dashboards, verification';
  static override description = 'Safe to repeat: what is right already stays as it is.';
  static override examples = ['<%= config.bin %> up --sandbox --yes', '<%= config.bin %> up'];
  static override flags = {
    ...yesFlag,
    ...allowCidrFlag,
    ...sshFlags,
    ...lockFlag,
    'allow-replace': Flags.boolean({ summary: 'allow to delete and make anew what AWS cannot change' }),
    'allow-stop': Flags.boolean({ summary: 'allow to stop a host for a change that needs it' }),
  };

  async run(): Promise<object> {
    const began = Date.now();
    const { flags } = await this.parse(Up);
    const context = await this.context(flags);
    const { prepare } = await import('../operations/prepare.js');
    const { planAgain } = await import('../operations/plan-again.js');
    const { planText } = await import('../ui/plan-text.js');
    const { plan, lock } = await prepare(context, { command: 'up', waitMs: flags['lock-timeout'] });
    this.log(planText(plan, { brief: true }));
    if (!plan.empty && !(await this.confirm(flags, 'Make these changes and configure the hosts?'))) {
      this.log('Nothing was changed.');
      return { stack: context.stack, region: context.region, confirmed: false };
    }
    await this.showHeld();
    const { up } = await import('../operations/up.js');
    const result = await up(context, {
      plan,
      began,
      settle: (report) => this.settle(report),
      settleInfra: (applied) => this.settleInfra(applied),
      allowReplace: flags['allow-replace'],
      allowStop: flags['allow-stop'],
      lock: {
        view: lock,
        again: () =>
          planAgain(context, plan, {
            agree: (now) => this.agreeAgain(flags, planText(now, { brief: true })),
          }),
      },
    });
    const { upText } = await import('../ui/up-text.js');
    this.log(upText(result));
    if (!result.dashboards.ok) this.exitWith(exitCodes.failed);
    else if (!result.verify.ok) this.exitWith(exitCodes.verificationFailed);
    return result;
  }
}
