import { BaseCommand } from '../../cli/base-command.js';
import { yesFlag } from '../../cli/flags.js';

/** `cloudops infra unlock` */
export default class InfraUnlock extends BaseCommand {
  static override summary = 'take the lock away from a run that ended without giving it back';
  static override description =
    'Shows who holds it. A lock is given up by itself ten minutes after its run has died, and at once when that ran on this machine.';
  static override examples = ['<%= config.bin %> infra unlock', '<%= config.bin %> infra unlock --yes'];
  static override flags = { ...yesFlag };

  async run(): Promise<object> {
    const { flags } = await this.parse(InfraUnlock);
    const context = await this.context(flags);
    const { lockHolder, unlock } = await import('../../operations/unlock.js');
    const { stack } = context;
    const held = await lockHolder(context);
    if (held === undefined) {
      this.log(`Nobody holds the lock of stack ${stack}.`);
      return { stack, unlocked: false, holder: null };
    }
    this.log(`Lock ${held.number} of stack ${stack} is held by ${held.text}.`);
    if (!(await this.confirm(flags, 'Take it away?'))) {
      this.log('Nothing was changed.');
      return { stack, unlocked: false, holder: held.holder };
    }
    await unlock(context);
    this.log('It is free now.');
    return { stack, unlocked: true, holder: held.holder };
  }
}
