import { BaseCommand } from '../../cli/base-command.js';
import { lockFlag, yesFlag } from '../../cli/flags.js';

/** `cloudops infra pause` */
export default class InfraPause extends BaseCommand {
  static override summary = "stop the stack's hosts, and keep everything";
  static override description =
    "Stopped hosts aren't paid for; their volumes are. 'infra resume' starts them again, with new public addresses.";
  static override examples = ['<%= config.bin %> infra pause', '<%= config.bin %> infra pause --yes'];
  static override flags = { ...yesFlag, ...lockFlag };

  async run(): Promise<object> {
    const { flags } = await this.parse(InfraPause);
    const context = await this.context(flags);
    const { stack } = context;
    if (!(await this.confirm(flags, `Stop all hosts of ${stack}?`))) {
      this.log('Nothing was changed.');
      return { stack, stopped: [] };
    }
    const { pauseStack } = await import('../../operations/pause-stack.js');
    const { report, changed, hosts, volumeGb } = await pauseStack(context, {
      waitMs: flags['lock-timeout'],
    });
    this.settle(report);
    this.log(
      changed.length === 0 ? `All ${hosts} hosts are stopped already.` : `Stopped ${changed.join(', ')}.`,
    );
    this.log(`Still paid for: ${volumeGb} GB of volumes. Go on with 'cloudops infra resume'.`);
    return { stack, stopped: changed, hosts, volumeGb };
  }
}
