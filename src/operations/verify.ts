import type { Access } from '../dashboards/access.js';
import { grafana } from '../dashboards/grafana.js';
import { overHost } from '../dashboards/over-host.js';
import type { DashboardFile } from '../dashboards/parse.js';
import { durationSeconds } from '../config/duration.js';
import { CloudopsError } from '../errors.js';
import type { HostRecord } from '../hosts/host.js';
import { alertRules, type AlertRule } from '../monitoring/alerts.js';
import { metaRules } from '../monitoring/meta-alerts.js';
import { knownHost, modelMonitoring, type KnownHost } from '../monitoring/model.js';
import { type Connections, openConnections } from '../verify/connections.js';
import type { Patience } from '../verify/patience.js';
import type { Check, Probe } from '../verify/probe.js';
import { applicationProbes } from '../verify/probes/application.js';
import { grafanaCertificate } from '../verify/probes/grafana-certificate.js';
import { grafanaProbes, type GrafanaOf } from '../verify/probes/grafana.js';
import { instancesRunning, planEmpty } from '../verify/probes/infra.js';
import { nodeExporters } from '../verify/probes/node-exporter.js';
import { prometheusAsks } from '../verify/probes/prometheus-login.js';
import { prometheusReady } from '../verify/probes/prometheus-ready.js';
import { prometheusRules, type RuleNames } from '../verify/probes/prometheus-rules.js';
import { prometheusTargets } from '../verify/probes/prometheus-targets.js';
import { ssh } from '../verify/probes/ssh.js';
import { runProbes } from '../verify/run-probes.js';
import { Needs, service } from '../verify/service.js';
import type { Context } from './context.js';
import { findHosts } from './find-hosts.js';
import { planInfra } from './plan-infra.js';
import { prometheusLoginOf, prometheusService } from './prometheus-service.js';
import { accessTo } from './reach-grafana.js';
import { wantedDashboards } from './wanted-dashboards.js';

export interface VerifyOptions {
  /** Address of the monitoring host; default: the stack's hosts, from AWS. */
  readonly monitoring?: string | undefined;
  readonly applications?: readonly string[];
  /** Hosts that the caller has found already. */
  readonly hosts?: readonly HostRecord[] | undefined;
  /** How long to wait for the first scrapes; default three scrape intervals. */
  readonly patience?: Patience;
}

/** The document of `verify --json`. */
export interface VerifyResult {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly summary: { readonly pass: number; readonly fail: number; readonly skip: number };
  readonly durationMs: number;
}

/** Probes everything that the config promises. Changes nothing; never rejects because a check failed; does when it is interrupted. */
export async function verify(context: Context, options: VerifyOptions = {}): Promise<VerifyResult> {
  const began = Date.now();
  const { monitoring, applications = [] } = options;
  const records =
    options.hosts ?? (await findHosts(context, { ...(monitoring ? { monitoring } : {}), applications }));
  const connections = openConnections(context.connect, context.signal);
  try {
    const patience = options.patience ?? defaultPatience(context);
    const probes = [
      ...infraProbes(context, records, monitoring === undefined),
      ...records.map((record) => ssh(record, () => connections.logIn(record))),
      ...(await serviceProbes(context, records, connections, patience)),
    ];
    const { checks, report } = await runProbes(probes, { on: context.on, signal: context.signal, limit: 32 });
    // Half of the checks is no answer.
    if (report.interrupted) context.signal.throwIfAborted();
    return summarise(checks, Date.now() - began);
  } finally {
    await connections.close();
  }
}

function infraProbes(context: Context, records: readonly HostRecord[], fromAws: boolean): readonly Probe[] {
  if (!fromAws) return [];
  const { stack, config } = context;
  return [
    instancesRunning(stack, records, { applications: config.application.count }),
    planEmpty(stack, async () => {
      const { changes } = await planInfra(context, {}).catch(withoutAddress);
      return changes.filter(({ action }) => action !== 'keep');
    }),
  ];
}

/** Where the operator's address can't be had, nobody can say which one the groups should let in: no failure of the stack. */
function withoutAddress(error: unknown): never {
  if (error instanceof CloudopsError && error.code === 'OPERATOR_ADDRESS_UNKNOWN') {
    throw new Needs("'--allow-cidr' or 'access.allowCidrs', as 'infra up' had it");
  }
  throw error;
}

async function serviceProbes(
  context: Context,
  records: readonly HostRecord[],
  connections: Connections,
  patience: Patience,
): Promise<readonly Probe[]> {
  const { config } = context;
  const model = modelMonitoring(config, await known(records, connections));
  const targets = model.jobs.flatMap((job) => job.targets.map((target) => ({ job: job.name, ...target })));
  const dashboards = (await wantedDashboards(context, [])).good;
  const login = await prometheusLoginOf(context);
  const monitors = records.filter(({ role }) => role === 'monitoring');
  const ofMonitoring = monitors.flatMap((record) => {
    const host = connections.needed(record);
    const prometheus = prometheusService(context, { address: record.address, host, login });
    const stranger = prometheusService(context, { address: record.address, host, login: undefined });
    const exporters = targets
      .filter(({ job }) => job === 'node')
      .map(({ host: name, address }) => ({ host: name, address }));
    return [
      prometheusReady(record.name, prometheus, patience),
      ...(login === undefined ? [] : [prometheusAsks(record.name, stranger)]),
      ...prometheusTargets(targets, prometheus, patience),
      prometheusRules(record.name, ruleNames(config), prometheus, patience),
      ...nodeExporters(host, exporters),
      ...grafanaProbesOf(context, record, host, dashboards),
    ];
  });
  const { port, metricsPath, enabled, image } = config.application;
  const kind = !enabled ? 'foreign' : image === undefined ? 'placeholder' : 'container';
  const ofApplications = records
    .filter(({ role }) => role === 'application')
    .flatMap((record) => {
      const { name, address } = record;
      const application = service({
        name: 'the application',
        address,
        port,
        host: connections.needed(record),
      });
      return applicationProbes({ host: name, metricsPath, kind }, application);
    });
  return [...ofMonitoring, ...ofApplications];
}

/** The private addresses, asked of the hosts where AWS didn't tell; a host that can't be asked has its own failed check. */
async function known(
  records: readonly HostRecord[],
  connections: Connections,
): Promise<readonly KnownHost[]> {
  const hosts = await Promise.all(
    records.map(async (record) =>
      record.privateAddress === undefined
        ? knownHost(record, await connections.privateAddress(record))
        : knownHost(record),
    ),
  );
  return hosts.filter((host) => host !== undefined);
}

function ruleNames(config: Context['config']): RuleNames {
  const names = (rules: readonly AlertRule[]): string[] => rules.map(({ alert }) => alert);
  return { alerts: names(alertRules(config)), meta: names(metaRules(config)) };
}

/** All that is asked about Grafana, over one login. */
function grafanaProbesOf(
  context: Context,
  { name, address }: HostRecord,
  host: ReturnType<Connections['needed']>,
  dashboards: readonly DashboardFile[],
): readonly Probe[] {
  const { enabled, port, https } = context.config.monitoring.grafana;
  let found: Promise<Access> | undefined;
  const access = (): Promise<Access> =>
    (found ??= enabled
      ? host().then((logged) => accessTo(context, logged))
      : Promise.resolve({ skipped: "'monitoring.grafana.enabled' is false" }));
  const of: GrafanaOf = async () => {
    const how = await access();
    return 'skipped' in how ? how : grafana(overHost(await host(), port, how));
  };
  const certificate = async (): Promise<string | { readonly skipped: string }> => {
    const how = await access();
    return 'skipped' in how ? how : (how.certificate ?? '');
  };
  const made = https === 'self-signed';
  return [
    ...grafanaProbes(name, of, dashboards),
    ...(https === false ? [] : [grafanaCertificate(name, { address, port, made, certificate })]),
  ];
}

function defaultPatience({ config }: Context): Patience {
  const interval = durationSeconds(config.monitoring.prometheus.scrapeInterval) * 1000;
  return { forMs: Math.max(3 * interval, 15_000), everyMs: 1000 };
}

function summarise(checks: readonly Check[], durationMs: number): VerifyResult {
  const of = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const summary = { pass: of('pass'), fail: of('fail'), skip: of('skip') };
  return { ok: summary.fail === 0, checks, summary, durationMs };
}
