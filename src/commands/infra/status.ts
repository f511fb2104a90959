import { BaseCommand } from '../../cli/base-command.js';

/** `cloudops infra status` */
export default class InfraStatus extends BaseCommand {
  static override summary = 'show what exists of the stack in AWS';
  static override examples = ['<%= config.bin %> infra status'];

  async run(): Promise<object> {
    const { flags } = await this.parse(InfraStatus);
    const context = await this.context(flags);
    const { stackStatus } = await import('../../operations/stack-status.js');
    const { statusText } = await import('../../ui/status-text.js');
    const status = await stackStatus(context);
    this.log(statusText(status));
    return status;
  }
}
