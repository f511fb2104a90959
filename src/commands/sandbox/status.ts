import { BaseCommand } from '../../cli/base-command.js';

export default class SandboxStatus extends BaseCommand {
  static override summary = 'say whether the sandbox runs and what it holds';
  static override examples = ['<%= config.bin %> sandbox status', '<%= config.bin %> sandbox status --json'];

  async run(): Promise<object> {
    await this.parse(SandboxStatus);
    const { sandboxStatus } = await import('../../cli/sandbox.js');
    const status = await sandboxStatus();
    const { endpoint, pid, withoutMachines, instances, vpcs, keyPairs, roles, home } = status;
    this.log(
      endpoint === undefined
        ? 'The sandbox is not running.'
        : `The sandbox runs at ${endpoint} (process ${pid ?? ''}).`,
    );
    if (withoutMachines !== undefined) this.log(`Without machines: ${withoutMachines}.`);
    const holds = [
      counted(vpcs, 'VPC'),
      counted(instances.length, 'instance'),
      counted(keyPairs, 'key pair'),
      counted(roles, 'role'),
    ];
    this.log(`It holds ${holds.join(', ')}; its data is in ${home}.`);
    for (const { id, state, privateIp } of instances) this.log(`  ${id}  ${privateIp}  ${state}`);
    return status;
  }
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
