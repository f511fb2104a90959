import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { allowCidrFlag, sshFlags } from '../cli/flags.js';
import { exitCodes } from '../errors.js';
import type { VerifyResult } from '../operations/verify.js';

export default class Verify extends BaseCommand {
  static override summary = 'probe everything, say what is wrong and why';
  static override description =
    'Changes nothing. Without addresses: the hosts of the stack. Exit code 4 when a check failed.';
  static override examples = [
    '<%= config.bin %> verify',
    '<%= config.bin %> verify 203.0.113.7 203.0.113.8',
    '<%= config.bin %> verify --junit report.xml',
  ];
  static override strict = false;
  static override args = {
    'mon-ip': Args.string({ description: 'address of the monitoring host' }),
    'app-ip': Args.string({ description: 'addresses of application hosts' }),
  };
  static override flags = {
    ...sshFlags,
    ...allowCidrFlag,
    junit: Flags.string({ summary: 'also write the checks as JUnit XML', helpValue: 'FILE' }),
  };

  override async run(): Promise<VerifyResult> {
    const { argv, flags } = await this.parse(Verify);
    const [monitoring, ...applications] = argv as string[];
    const { verify } = await import('../operations/verify.js');
    const { findingsText } = await import('../ui/findings-text.js');
    const context = await this.context(flags);
    const result = await verify(context, { monitoring, applications });
    if (flags.junit !== undefined) {
      const { writeJunit } = await import('../verify/junit.js');
      await writeJunit(flags.junit, context.stack, result.checks, result.durationMs);
    }
    this.log(findingsText(result.checks));
    if (!result.ok) this.exitWith(exitCodes.verificationFailed);
    return result;
  }
}
