import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';

export default class SandboxReset extends BaseCommand {
  static override summary = 'remove everything in the sandbox: machines, networks, data';
  static override examples = ['<%= config.bin %> sandbox reset', '<%= config.bin %> sandbox reset --yes'];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: "don't ask" }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SandboxReset);
    if (!(await this.confirm(flags, 'Remove all machines, networks and data of the sandbox?'))) {
      this.log('Nothing was removed.');
      return { removed: false };
    }
    const { resetSandbox } = await import('../../cli/sandbox.js');
    const { machines, networks } = await resetSandbox();
    this.log(`The sandbox is empty and stopped. Removed: machines ${machines}, networks ${networks}.`);
    return { removed: true, machines, networks };
  }
}
