import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { allowCidrFlag, yesFlag } from '../cli/flags.js';

/** The document of `init --json`. */
export interface InitResult {
  readonly stack: string;
  /** Absolute path of the file; undefined with `--print`. */
  readonly file: string | undefined;
}

export default class Init extends BaseCommand {
  static override summary = 'write a commented cloudops.yaml';
  static override description =
    'Asks on a terminal, takes flags otherwise. Never overwrites a file without --force.';
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --project shop --environment prod --region eu-central-1 --yes',
  ];
  static override flags = {
    ...yesFlag,
    ...allowCidrFlag,
    force: Flags.boolean({ summary: 'overwrite the file that is there' }),
    print: Flags.boolean({ summary: 'print it, write nothing' }),
  };

  override async run(): Promise<InitResult> {
    const { flags } = await this.parse(Init);
    const { chooseValues, sampleText, writeSample } = await import('../cli/write-sample.js');
    const ask = !flags.print && !flags.yes && this.interactive();
    const values = await chooseValues(flags, ask);
    const text = sampleText(values);
    const stack = `${values.project}-${values.environment}`;
    if (flags.print) {
      this.log(text.trimEnd());
      return { stack, file: undefined };
    }
    const file = await writeSample(text, { file: flags.config, force: flags.force });
    this.log(`Wrote ${file} for the stack '${stack}'.`);
    this.log("Next: 'cloudops up --sandbox' to try it on this machine, or 'cloudops infra plan' for AWS.");
    return { stack, file };
  }
}
