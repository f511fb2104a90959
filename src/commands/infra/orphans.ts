import { BaseCommand } from '../../cli/base-command.js';

/** `cloudops infra orphans` */
export default class InfraOrphans extends BaseCommand {
  static override summary = 'list what carries cloudops tags and belongs to no complete stack';
  static override description = 'Looks at all stacks of the region. Reads only, and says how to remove it.';
  static override examples = ['<%= config.bin %> infra orphans', '<%= config.bin %> infra orphans --json'];

  async run(): Promise<object> {
    const { flags } = await this.parse(InfraOrphans);
    const context = await this.context(flags);
    const { listOrphans } = await import('../../operations/list-orphans.js');
    const { orphansText } = await import('../../ui/orphans-text.js');
    const orphans = await listOrphans(context);
    this.log(orphansText(orphans));
    return orphans;
  }
}
