import { execute } from '../engine/execute.js';
import type { Report } from '../engine/task.js';
import type { Host, HostRecord } from '../hosts/host.js';
import type { Drift } from '../hosts/step.js';
import type { FileDiff } from './configure-diff.js';
import { readApplicationEnvironment } from './application-environment.js';
import { readGrafanaCertificate } from './grafana-certificate.js';
import { readReceiverSecrets } from './receiver-secrets.js';
import { openBundle } from './open-bundle.js';
import { ConfigureRun } from './configure-run.js';
import type { Context } from './context.js';
import { openSecretStore } from './secret-store.js';
import { findHosts, type HostAddresses } from './find-hosts.js';
import type { UploadResult, UploadRun } from './upload-dashboards.js';

export interface ConfigureOptions {
  /** Hosts by address; none: those of the stack. */
  readonly monitoring?: string | undefined;
  readonly applications?: readonly string[];
  /** Hosts that the caller has found already. */
  readonly hosts?: readonly HostRecord[];
  /** Look only: the same tasks, nothing is touched. */
  readonly check?: boolean;
  /** Tell how files differ, as they were before the run; works with and without `check`. */
  readonly diff?: boolean;
  readonly noGrafana?: boolean;
  readonly noApp?: boolean;
  readonly runtime?: 'docker' | 'native' | undefined;
  /** Upload the shipped dashboards at the end, where Grafana is. */
  readonly dashboards?: boolean;
  /** A directory made by `bundle create`: all of it is proven first, and hosts fetch nothing that it should hold. */
  readonly bundle?: string | undefined;
}

/** What one role came to on one host. */
export interface HostResult {
  readonly host: string;
  readonly role: string;
  /** With `check`: what would change. */
  readonly changed: readonly Drift[];
  readonly unchanged: number;
  /** With `diff`: how its files differed, secrets masked. */
  readonly diffs?: readonly FileDiff[];
}

export interface ConfigureResult {
  readonly hosts: readonly HostResult[];
  readonly changed: number;
  /** With `dashboards`: what came of each. */
  readonly dashboards?: UploadResult;
  readonly durationMs: number;
}

/** The result is complete only as far as the report is ok. */
export interface Configured {
  readonly result: ConfigureResult;
  readonly report: Report;
}

/**
 * Makes the hosts what the config says, all at once. A converged host costs a question and one look. A host that
 * fails doesn't stop the others; its error stands in the report.
 */
export async function configureMonitoring(
  context: Context,
  options: ConfigureOptions = {},
): Promise<Configured> {
  const began = Date.now();
  const bundle = options.bundle === undefined ? undefined : await openBundle(options.bundle);
  const receiverSecrets = await readReceiverSecrets(context.config);
  const applicationEnvironment =
    options.noApp === true ? undefined : await readApplicationEnvironment(context.config);
  const secrets = await openSecretStore(context);
  const grafanaCertificate =
    options.noGrafana === true ? undefined : await readGrafanaCertificate(context.config);
  const records = options.hosts ?? (await findHosts(context, addressesOf(options)));
  const run = new ConfigureRun(context, options, records, {
    bundle,
    receiverSecrets,
    applicationEnvironment,
    secrets,
    grafanaCertificate,
  });
  try {
    const configured = await execute(run.tasks(), { on: context.on, signal: context.signal });
    const wanted = options.dashboards === true && options.check !== true && configured.ok;
    const uploaded = wanted ? await uploadTo(context, run.grafana()) : undefined;
    const hosts = run.results();
    const changed = hosts.reduce((sum, host) => sum + host.changed.length, 0);
    const dashboards = uploaded === undefined ? {} : { dashboards: uploaded.result };
    return {
      result: { hosts, changed, ...dashboards, durationMs: Date.now() - began },
      report: uploaded === undefined ? configured : both(configured, uploaded.report),
    };
  } finally {
    await run.close();
  }
}

/** The shipped dashboards, over the connection that is open already. */
async function uploadTo(
  context: Context,
  grafana: ReturnType<ConfigureRun['grafana']>,
): Promise<UploadRun | undefined> {
  if (grafana === undefined) return undefined;
  const { skipUpload, uploadDashboards } = await import('./upload-dashboards.js');
  if ('skipped' in grafana) return skipUpload(context, grafana.skipped);
  const { host } = grafana;
  const open: Host = {
    name: host.name,
    exec: (script, how) => host.exec(script, how),
    put: (content, path, how) => host.put(content, path, how),
    close: () => Promise.resolve(),
  };
  return uploadDashboards({ ...context, connect: () => Promise.resolve(open) }, { hosts: [grafana.record] });
}

function both(first: Report, second: Report): Report {
  return {
    results: [...first.results, ...second.results],
    ok: first.ok && second.ok,
    interrupted: first.interrupted || second.interrupted,
  };
}

function addressesOf({ monitoring, applications = [] }: ConfigureOptions): HostAddresses {
  return { ...(monitoring === undefined ? {} : { monitoring }), applications };
}
