import { stat } from 'node:fs/promises';
import { lintLoaded, type LintedDashboard } from '../dashboards/lint-files.js';
import { CloudopsError } from '../errors.js';
import type { Context } from './context.js';
import { reachPrometheus } from './reach-prometheus.js';
import { wantedDashboards } from './wanted-dashboards.js';

export interface LintOptions {
  readonly files: readonly string[];
  /** Address of a monitoring host to ask which metrics there are. */
  readonly monitoring?: string | undefined;
  /** URL of a Prometheus to ask. */
  readonly from?: string | undefined;
  /** Ask nobody. */
  readonly offline?: boolean;
}

/** The document of `dashboards lint --json`. */
export interface LintResult {
  /** False when a rule is broken; warnings don't count. */
  readonly ok: boolean;
  /** Where the metrics were looked up; undefined when they weren't. */
  readonly asked?: string;
  /** Why they weren't, though there is a stack. */
  readonly notAsked?: string;
  readonly dashboards: readonly LintedDashboard[];
}

/**
 * Checks dashboard files. Where a Prometheus is named, or the stack was worked on from this machine, queries whose
 * metric it doesn't know are warnings. A Prometheus that was named and doesn't answer is an error.
 */
export async function lintDashboards(context: Context, options: LintOptions): Promise<LintResult> {
  const loaded = await wantedDashboards(context, options.files);
  const known = await metricsOf(context, options);
  const dashboards = await lintLoaded(loaded, known.names);
  const ok = dashboards.every(({ findings }) => findings.every(({ severity }) => severity !== 'error'));
  const { asked, notAsked } = known;
  return { ok, ...(asked ? { asked } : {}), ...(notAsked ? { notAsked } : {}), dashboards };
}

interface Known {
  readonly names?: ReadonlySet<string>;
  readonly asked?: string;
  readonly notAsked?: string;
}

async function metricsOf(context: Context, { monitoring, from, offline }: LintOptions): Promise<Known> {
  const named = monitoring !== undefined || from !== undefined;
  if (offline === true) return {};
  // Without an address nobody is asked unless this machine holds the stack's keys: a check of files needs no cloud.
  if (!named && (await stat(context.stateDir).catch(() => undefined)) === undefined) return {};
  try {
    const limits = { readyTimeoutMs: 10_000 };
    const reached = await reachPrometheus(context, { monitoring, from, limits });
    try {
      return {
        names: new Set(await reached.prometheus.labelValues('__name__')),
        asked: reached.prometheus.place,
      };
    } finally {
      await reached.close();
    }
  } catch (error) {
    if (named || !(error instanceof CloudopsError)) throw error;
    return { notAsked: error.what };
  }
}
