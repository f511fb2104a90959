import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import type { Rendered } from '../../operations/render-monitoring.js';

export default class MonitoringRender extends BaseCommand {
  static override summary = "write every file that 'monitoring configure' would put on the hosts";
  static override description =
    'For review, CI and GitOps. Touches no host; with addresses it needs no AWS either.';
  static override examples = [
    '<%= config.bin %> monitoring render --out rendered',
    '<%= config.bin %> monitoring render 10.0.1.10 10.0.2.10 --out rendered',
  ];
  static override strict = false;
  static override args = {
    'mon-ip': Args.string({ description: 'private address of the monitoring host' }),
    'app-ip': Args.string({
      description: 'private addresses of application hosts, any number',
    }),
  };
  static override flags = {
    out: Flags.string({ required: true, summary: 'directory to write to', helpValue: 'DIR' }),
  };

  async run(): Promise<Rendered> {
    const { argv, flags } = await this.parse(MonitoringRender);
    const [monitoring, ...applications] = argv as string[];
    const { renderMonitoring } = await import('../../operations/render-monitoring.js');
    const context = await this.context(flags);
    const rendered = await renderMonitoring(context, { monitoring, applications, out: flags.out });
    for (const path of rendered.files) this.log(`${flags.out}/${path}`);
    return rendered;
  }
}
