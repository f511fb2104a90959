import { execute } from '../engine/execute.js';
import type { Report } from '../engine/task.js';
import { CloudopsError, exitCodes } from '../errors.js';
import type { HostRecord } from '../hosts/host.js';
import type { Drift } from '../hosts/step.js';
import { ConfigureRun } from './configure-run.js';
import type { Context } from './context.js';

export interface ConfigureOptions {
  /** Hosts by address; none: those of the stack. */
  readonly monitoring?: string | undefined;
  readonly applications?: readonly string[];
  /** Hosts that the caller has found already. */
  readonly hosts?: readonly HostRecord[];
  /** Look only: the same tasks, nothing is touched. */
  readonly check?: boolean;
  readonly noGrafana?: boolean;
  readonly noApp?: boolean;
  readonly runtime?: 'docker' | 'native' | undefined;
}

/** What one role came to on one host. */
export interface HostResult {
  readonly host: string;
  readonly role: string;
  /** With `check`: what would change. */
  readonly changed: readonly Drift[];
  readonly unchanged: number;
}

export interface ConfigureResult {
  readonly hosts: readonly HostResult[];
  readonly changed: number;
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
  refuseDocker(context, options);
  const records = options.hosts ?? (await hostsOf(context, options));
  const run = new ConfigureRun(context, options, records);
  try {
    const report = await execute(run.tasks(), { on: context.on, signal: context.signal });
    const hosts = run.results();
    const changed = hosts.reduce((sum, host) => sum + host.changed.length, 0);
    return { result: { hosts, changed, durationMs: Date.now() - began }, report };
  } finally {
    await run.close();
  }
}

function refuseDocker(context: Context, options: ConfigureOptions): void {
  const runtime = options.runtime ?? context.config.monitoring.runtime;
  if (runtime !== 'docker') return;
  throw new CloudopsError({
    code: 'RUNTIME_NOT_SUPPORTED',
    what: 'The docker runtime is not there yet.',
    why: 'This version runs Prometheus and Grafana as systemd services only.',
    fix: ["use '--runtime native', and leave 'monitoring.runtime: docker' out of the config"],
    exit: exitCodes.usage,
  });
}

async function hostsOf(context: Context, options: ConfigureOptions): Promise<readonly HostRecord[]> {
  const { findHosts } = await import('./find-hosts.js');
  return findHosts(context, { monitoring: options.monitoring, applications: options.applications ?? [] });
}
