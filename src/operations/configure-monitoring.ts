import { execute } from '../engine/execute.js';
import type { Report } from '../engine/task.js';
import { CloudopsError, exitCodes } from '../errors.js';
import type { HostRecord } from '../hosts/host.js';
import type { Drift } from '../hosts/step.js';
import { ConfigureRun } from './configure-run.js';
import type { Context } from './context.js';
import { findHosts, type HostAddresses } from './find-hosts.js';

export interface ConfigureOptions {
  /** Hosts by address; none: those of the stack. */
  readonly monitoring?: string | undefined;
  readonly applications?: readonly string[];
  /** Hosts that the caller has found already. */
  readonly hosts?: readonly HostRecord[];
  /** Look only: the same tasks, nothing is touched. */
  readonly check?: boolean;
  readonly diff?: boolean;
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
  refuseUnsupported(context, options);
  const records = options.hosts ?? (await findHosts(context, addressesOf(options)));
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

/** Refuses what this version doesn't have, before anything is asked or touched. */
export function refuseUnsupported(context: Pick<Context, 'config'>, options: ConfigureOptions): void {
  if ((options.runtime ?? context.config.monitoring.runtime) === 'docker') {
    throw notYet('The docker runtime', [
      "use '--runtime native', and leave 'monitoring.runtime: docker' out of the config",
    ]);
  }
  if (options.diff === true) {
    throw notYet("'--diff'", [
      "use '--check' to see which steps differ, 'cloudops monitoring render --out DIR' to see the files",
    ]);
  }
}

function notYet(what: string, fix: readonly string[]): CloudopsError {
  return new CloudopsError({
    code: 'NOT_SUPPORTED_YET',
    what: `${what} is not there yet in this version.`,
    fix,
    exit: exitCodes.usage,
  });
}

function addressesOf({ monitoring, applications = [] }: ConfigureOptions): HostAddresses {
  return { ...(monitoring === undefined ? {} : { monitoring }), applications };
}
