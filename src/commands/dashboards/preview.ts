import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags } from '../../cli/flags.js';
import type { Preview } from '../../operations/preview-dashboards.js';

/** The document of `dashboards preview --json`. */
export interface PreviewResult extends Omit<Preview, 'page'> {
  readonly file: string;
  readonly ok: boolean;
}

export default class DashboardsPreview extends BaseCommand {
  static override summary = 'draw dashboards without Grafana, as one HTML page';
  static override description =
    'Asks the Prometheus of the stack, or the one at --from, for the data of every panel and writes a page that ' +
    'holds everything: it opens from disk, in light and dark, on a phone and on a wall.';
  static override examples = [
    '<%= config.bin %> dashboards preview --out preview.html',
    '<%= config.bin %> dashboards preview team.json --from http://localhost:9090 --out team.html',
    '<%= config.bin %> dashboards preview --last 6h --var instance=10.0.1.10:9100',
  ];
  static override strict = false;
  static override args = {
    'mon-ip-or-file': Args.string({
      description: 'address of the monitoring host, or a first file or folder',
    }),
  };
  static override flags = {
    from: Flags.string({ summary: 'the Prometheus at this URL', helpValue: 'URL' }),
    out: Flags.string({ summary: 'the page to write', default: 'dashboards.html', helpValue: 'FILE' }),
    last: Flags.string({ summary: 'how far back, e.g. 1h or 2d', default: '1h', helpValue: 'TIME' }),
    var: Flags.string({
      summary: 'value of a variable, e.g. job=node; repeatable',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
    }),
    ...sshFlags,
  };

  override async run(): Promise<PreviewResult> {
    const { argv, flags } = await this.parse(DashboardsPreview);
    const { hostAndFiles, lastTime, variableValues } = await import('../../dashboards/arguments.js');
    const { previewDashboards } = await import('../../operations/preview-dashboards.js');
    const { writePreview } = await import('../../operations/write-preview.js');
    const { previewText } = await import('../../ui/dashboards-text.js');
    const options = {
      ...hostAndFiles(argv as string[]),
      from: flags.from,
      last: lastTime(flags.last),
      given: variableValues(flags.var ?? []),
    };
    const { page, ...preview } = await previewDashboards(await this.context(flags), options);
    await writePreview(flags.out, page);
    const ok = preview.refused.length === 0;
    const result = { ok, file: flags.out, ...preview };
    this.log(previewText(result));
    if (!ok) this.exitWith(1);
    return result;
  }
}
