import { BaseCommand } from '../../cli/base-command.js';

export default class SandboxStop extends BaseCommand {
  static override summary = "stop the sandbox and its machines; 'sandbox start' brings everything back";
  static override examples = ['<%= config.bin %> sandbox stop'];

  async run(): Promise<object> {
    await this.parse(SandboxStop);
    const { stopSandbox } = await import('../../cli/sandbox.js');
    const result = await stopSandbox();
    const machines = `${result.machines} machine${result.machines === 1 ? '' : 's'} stopped`;
    this.log(
      result.stopped ? `The sandbox is stopped, ${machines}.` : `The sandbox wasn't running, ${machines}.`,
    );
    return result;
  }
}
