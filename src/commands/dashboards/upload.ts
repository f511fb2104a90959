import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import { dataSourceFlag, grafanaFlags, grafanaTransport } from '../../cli/grafana-flags.js';
import type { UploadResult } from '../../operations/upload-dashboards.js';

export default class DashboardsUpload extends BaseCommand {
  static override summary = 'put dashboards into Grafana';
  static override description =
    'Without files: the dashboards that come with cloudops, and those of dashboards.files in the config. One that is there already, unchanged, is left alone. ' +
    'One that was edited in Grafana is kept: see it with "dashboards diff", keep it with "dashboards pull", replace it ' +
    'with --overwrite. A bad file is refused by name and the others go on. In both cases the exit code is 1.';
  static override examples = [
    '<%= config.bin %> dashboards upload',
    '<%= config.bin %> dashboards upload 203.0.113.7',
    '<%= config.bin %> dashboards upload team.json boards/',
    '<%= config.bin %> dashboards upload --url https://grafana.example.com --token-file token boards/',
  ];
  static override strict = false;
  static override args = {
    'mon-ip-or-file': Args.string({
      description: 'address of the monitoring host, or a first file or folder',
    }),
  };
  static override flags = {
    overwrite: Flags.boolean({ summary: 'replace what was edited in Grafana' }),
    check: Flags.boolean({
      summary: "run every panel's queries afterwards and list the panels that show nothing",
      default: true,
      allowNo: true,
    }),
    ...dataSourceFlag,
    ...grafanaFlags,
    ...sshFlags,
  };

  override async run(): Promise<UploadResult> {
    const { argv, flags } = await this.parse(DashboardsUpload);
    const { hostAndFiles } = await import('../../dashboards/arguments.js');
    const { uploadDashboards } = await import('../../operations/upload-dashboards.js');
    const { uploadText } = await import('../../ui/dashboards-text.js');
    const { givenSources } = await import('../../dashboards/data-sources.js');
    const context = await this.context(flags);
    const { result, report } = await uploadDashboards(context, {
      ...hostAndFiles(argv as string[]),
      transport: await grafanaTransport(flags),
      sources: givenSources(flags['data-source'] ?? []),
      overwrite: flags.overwrite,
      check: flags.check,
    });
    // Without the folder nothing else was tried: what stopped it is the answer.
    if (report.results[0]?.status === 'failed') this.settle(report);
    this.log(uploadText(result));
    if (!result.ok) this.exitWith(1);
    return result;
  }
}
