import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { sshFlags, yesFlag } from '../../cli/flags.js';
import { exitCodes } from '../../errors.js';
import type { ConfigureOptions, ConfigureResult } from '../../operations/configure-monitoring.js';

export default class MonitoringConfigure extends BaseCommand {
  static override summary = 'configure the hosts: Prometheus, Grafana, Node Exporter, the application';
  static override description =
    'Without addresses the hosts of the stack; with addresses any Linux hosts that SSH reaches. A second run changes nothing.';
  static override examples = [
    '<%= config.bin %> monitoring configure',
    '<%= config.bin %> monitoring configure --check',
    '<%= config.bin %> monitoring configure 203.0.113.7 203.0.113.8 203.0.113.9 --ssh-user admin --accept-new-host-key',
  ];
  static override strict = false;
  static override args = {
    'mon-ip': Args.string({ description: 'address of the monitoring host' }),
    'app-ip': Args.string({ description: 'addresses of application hosts, any number' }),
  };
  static override flags = {
    ...sshFlags,
    ...yesFlag,
    check: Flags.boolean({ summary: 'look only; exit 3 when something differs' }),
    diff: Flags.boolean({ summary: 'show how files differ' }),
    runtime: Flags.option({
      options: ['docker', 'native'] as const,
      summary: 'what runs Prometheus and Grafana',
    })(),
    bundle: Flags.directory({
      summary: 'take archives and images from here; hosts fetch none',
      helpValue: 'DIR',
    }),
    grafana: Flags.boolean({ allowNo: true, default: true, summary: 'install Grafana' }),
    dashboards: Flags.boolean({ allowNo: true, default: true, summary: 'upload the dashboards at the end' }),
    app: Flags.boolean({ allowNo: true, default: true, summary: 'install the placeholder application' }),
  };

  async run(): Promise<ConfigureResult> {
    const { argv, flags } = await this.parse(MonitoringConfigure);
    const [monitoring, ...applications] = argv as string[];
    const { configureMonitoring } = await import('../../operations/configure-monitoring.js');
    const context = await this.context(flags);
    const options: ConfigureOptions = {
      monitoring,
      applications,
      check: flags.check,
      diff: flags.diff,
      noGrafana: !flags.grafana,
      noApp: !flags.app,
      runtime: flags.runtime,
      dashboards: flags.dashboards,
      bundle: flags.bundle,
    };
    const where =
      monitoring === undefined ? `the hosts of ${context.stack}` : [monitoring, ...applications].join(', ');
    if (!flags.check && !(await this.confirm(flags, `Configure ${where}?`))) {
      return { hosts: [], changed: 0, durationMs: 0 };
    }
    const { result, report } = await configureMonitoring(context, options);
    this.settle(report);
    for (const { host, role, changed, diffs = [] } of result.hosts) {
      for (const { step, detail } of changed) this.log(`${host} ${role}: ${step}: ${detail}`);
      for (const { diff } of diffs) this.log(diff.trimEnd());
    }
    for (const line of dashboardLines(result)) this.log(line);
    this.log(summary(result, flags.check));
    if (flags.check && result.changed > 0) this.exitWith(exitCodes.changesPending);
    if (result.dashboards?.ok === false) this.exitWith(exitCodes.failed);
    return result;
  }
}

function dashboardLines({ dashboards }: ConfigureResult): readonly string[] {
  if (dashboards?.skipped !== undefined) return ['Dashboards not uploaded: no Grafana.'];
  const news = dashboards?.dashboards.filter(({ action }) => action !== 'unchanged') ?? [];
  return news.map(({ title, source, action }) => `dashboard ${title ?? source}: ${action}`);
}

function summary({ changed, durationMs }: ConfigureResult, check: boolean): string {
  const took = `(${(durationMs / 1000).toFixed(1)} s)`;
  if (changed === 0) return `Nothing to change ${took}.`;
  return check
    ? `${String(changed)} steps would change ${took}.`
    : `${String(changed)} steps changed ${took}.`;
}
