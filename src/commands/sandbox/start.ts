import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';

export default class SandboxStart extends BaseCommand {
  static override summary = 'start the local sandbox, or say where it runs';
  static override description =
    'A local AWS endpoint with real machines: instances are Docker containers with systemd and sshd. What it held when it was stopped comes back.';
  static override examples = [
    '<%= config.bin %> sandbox start',
    '<%= config.bin %> sandbox start --api-only',
  ];
  static override flags = {
    'api-only': Flags.boolean({ summary: 'without machines: instances are records only' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SandboxStart);
    const { ensureSandbox } = await import('../../cli/sandbox.js');
    const sandbox = await ensureSandbox({ apiOnly: flags['api-only'], report: (line) => this.say(line) });
    this.log(`The sandbox runs at ${sandbox.endpoint} (process ${sandbox.pid}).`);
    if (sandbox.withoutMachines !== undefined) this.log(`Without machines: ${sandbox.withoutMachines}.`);
    return sandbox;
  }
}
