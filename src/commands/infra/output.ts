import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { CloudopsError, exitCodes } from '../../errors.js';

/** `cloudops infra output` */
export default class InfraOutput extends BaseCommand {
  static override summary = 'show addresses, URLs and ssh command lines of the stack';
  static override examples = [
    '<%= config.bin %> infra output',
    '<%= config.bin %> infra output monitoring.publicIp',
  ];
  static override args = {
    name: Args.string({
      description:
        'one value, dotted: monitoring.publicIp, applications.0.ssh or applications.application-2.ssh',
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InfraOutput);
    const context = await this.context(flags, { bare: args.name !== undefined });
    const { stackOutputs } = await import('../../operations/stack-outputs.js');
    const outputs = await stackOutputs(context);
    if (args.name === undefined) {
      const { outputText } = await import('../../ui/output-text.js');
      this.log(outputText(outputs));
      return outputs;
    }
    const value = pick(outputs, args.name);
    if (value === undefined || value === null) throw unknownOutput(args.name, outputs);
    this.log(typeof value === 'string' ? value : JSON.stringify(value));
    return typeof value === 'object' ? value : { [args.name]: value };
  }
}

/** A step into a list goes by place or by the name of a host. */
function pick(outputs: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    if (!Array.isArray(value) || /^\d+$/.test(key))
      return (value as Record<string, unknown> | undefined | null)?.[key];
    return (value as unknown[]).find((one) => (one as { name?: string }).name === key);
  }, outputs);
}

function unknownOutput(name: string, outputs: object): CloudopsError {
  return new CloudopsError({
    code: 'NO_SUCH_OUTPUT',
    what: `There is no output '${name}'.`,
    fix: [`Outputs are ${Object.keys(outputs).join(', ')}; go deeper with dots: monitoring.publicIp.`],
    exit: exitCodes.usage,
  });
}
