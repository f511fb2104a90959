import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import { dataSourceFlag, grafanaFlags, grafanaTransport } from '../../cli/grafana-flags.js';
import type { PullResult } from '../../operations/pull-dashboards.js';

export default class DashboardsPull extends BaseCommand {
  static override summary = 'write what was edited in Grafana to files';
  static override description =
    'Without files: those of dashboards.files in the config; an edited one of the shipped dashboards becomes a new ' +
    'file in the folder of --out, which takes its place once it is named in dashboards.files. Grafana is not ' +
    'changed. A file that was changed here as well is left alone, with exit code 1.';
  static override examples = [
    '<%= config.bin %> dashboards pull',
    '<%= config.bin %> dashboards pull boards/',
    '<%= config.bin %> dashboards pull --all --out boards',
  ];
  static override strict = false;
  static override args = {
    'mon-ip-or-file': Args.string({
      description: 'address of the monitoring host, or a first file or folder',
    }),
  };
  static override flags = {
    out: Flags.string({
      summary: 'folder for dashboards that have no file yet',
      default: 'dashboards',
      helpValue: 'DIR',
    }),
    all: Flags.boolean({ summary: "those of the stack's folder in Grafana too that no file knows" }),
    overwrite: Flags.boolean({ summary: 'replace files that were changed here as well' }),
    ...dataSourceFlag,
    ...grafanaFlags,
    ...sshFlags,
  };

  override async run(): Promise<PullResult> {
    const { argv, flags } = await this.parse(DashboardsPull);
    const { hostAndFiles } = await import('../../dashboards/arguments.js');
    const { givenSources } = await import('../../dashboards/data-sources.js');
    const { pullDashboards } = await import('../../operations/pull-dashboards.js');
    const { pullText } = await import('../../ui/dashboards-text.js');
    const { out, all, overwrite } = flags;
    const pulled = await pullDashboards(await this.context(flags), {
      ...hostAndFiles(argv as string[]),
      transport: await grafanaTransport(flags),
      sources: givenSources(flags['data-source'] ?? []),
      out,
      all,
      overwrite,
    });
    this.log(pullText(pulled));
    if (!pulled.ok) this.exitWith(1);
    return pulled;
  }
}
