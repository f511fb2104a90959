import { BaseCommand } from '../../cli/base-command.js';
import { lockFlag, yesFlag } from '../../cli/flags.js';

/** `cloudops infra resume` */
export default class InfraResume extends BaseCommand {
  static override summary = 'start the hosts of a paused stack, and show their new addresses';
  static override description =
    'Waits until all run. Private addresses and host keys stay, public addresses are new.';
  static override examples = ['<%= config.bin %> infra resume', '<%= config.bin %> infra resume --yes'];
  static override flags = { ...yesFlag, ...lockFlag };

  async run(): Promise<object> {
    const { flags } = await this.parse(InfraResume);
    const context = await this.context(flags);
    if (!(await this.confirm(flags, `Start all hosts of ${context.stack}?`))) {
      this.log('Nothing was changed.');
      return { stack: context.stack, started: [] };
    }
    const { resumeStack } = await import('../../operations/pause-stack.js');
    const { stackOutputs } = await import('../../operations/stack-outputs.js');
    const { outputText } = await import('../../ui/output-text.js');
    const { report, changed, hosts } = await resumeStack(context, { waitMs: flags['lock-timeout'] });
    this.settle(report);
    const outputs = await stackOutputs(context);
    this.log(changed.length === 0 ? `All ${hosts} hosts run already.` : `Started ${changed.join(', ')}.`);
    this.log(outputText(outputs));
    return { stack: context.stack, started: changed, hosts, outputs };
  }
}
