import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import type { UploadResult } from '../../operations/upload-dashboards.js';

export default class DashboardsUpload extends BaseCommand {
  static override summary = 'put dashboards into Grafana';
  static override description =
    'Without files: the dashboards that come with cloudops. One that is there already, unchanged, is left alone. ' +
    'A bad file is refused by name and the others go on; the exit code is 1 then.';
  static override examples = [
    '<%= config.bin %> dashboards upload',
    '<%= config.bin %> dashboards upload 203.0.113.7',
    '<%= config.bin %> dashboards upload team.json boards/',
  ];
  static override strict = false;
  static override args = {
    'mon-ip-or-file': Args.string({
      description: 'address of the monitoring host, or a first file or folder',
    }),
  };
  static override flags = { ...sshFlags };

  override async run(): Promise<UploadResult> {
    const { argv, flags } = await this.parse(DashboardsUpload);
    const { hostAndFiles } = await import('../../dashboards/arguments.js');
    const { uploadDashboards } = await import('../../operations/upload-dashboards.js');
    const { uploadText } = await import('../../ui/dashboards-text.js');
    const context = await this.context(flags);
    const { result, report } = await uploadDashboards(context, hostAndFiles(argv as string[]));
    // Without the folder nothing else was tried: what stopped it is the answer.
    if (report.results[0]?.status === 'failed') this.settle(report);
    this.log(uploadText(result));
    if (!result.ok) this.exitWith(1);
    return result;
  }
}
