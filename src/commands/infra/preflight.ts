import { BaseCommand } from '../../cli/base-command.js';
import { allowCidrFlag } from '../../cli/flags.js';
import { exitCodes } from '../../errors.js';

/** `cloudops infra preflight` */
export default class InfraPreflight extends BaseCommand {
  static override summary = 'check all that could make an up fail, permissions included';
  static override description =
    'Identity, credentials, region, quotas, instance types, image, key, permissions. Changes nothing; exit code 7 when something stands in the way.';
  static override examples = [
    '<%= config.bin %> infra preflight',
    '<%= config.bin %> infra preflight --json --region eu-central-1',
  ];
  static override flags = { ...allowCidrFlag };

  async run(): Promise<object> {
    const { flags } = await this.parse(InfraPreflight);
    const context = await this.context(flags);
    const { preflight } = await import('../../operations/preflight.js');
    const { preflightText } = await import('../../ui/preflight-text.js');
    const result = await preflight(context);
    this.log(preflightText(result));
    if (!result.ok) this.exitWith(exitCodes.notPermitted);
    return result;
  }
}
