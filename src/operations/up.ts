import { execute } from '../engine/execute.js';
import type { Report } from '../engine/task.js';
import type { Plan } from '../infra/plan.js';
import { type Applied, applyPlan, type ApplyOptions } from './apply-plan.js';
import { configureMonitoring, type ConfigureResult } from './configure-monitoring.js';
import type { Context } from './context.js';
import { infraResult, type InfraResult } from './infra-result.js';
import { uploadDashboards, type UploadResult } from './upload-dashboards.js';
import { verify, type VerifyResult } from './verify.js';

/** The headings of the progress tree, in order. */
export const phases = ['Infrastructure', 'Monitoring', 'Dashboards', 'Verification'] as const;

export interface UpOptions extends ApplyOptions {
  readonly plan: Plan;
  /** When the command began, as `Date.now()` gave it. */
  readonly began: number;
  /** Throws what a report amounts to when not every task is done: later phases stand on earlier ones. */
  readonly settle: (report: Report) => void;
  /** The same for the infrastructure, where more is known of what exists. */
  readonly settleInfra?: (applied: Applied) => Promise<void>;
}

/** The document of `up --json`. */
export interface UpResult {
  readonly infra: InfraResult;
  readonly monitoring: ConfigureResult;
  readonly dashboards: UploadResult;
  readonly verify: VerifyResult;
  readonly durationMs: number;
}

/** Everything, one phase after the other in one progress tree. Safe to repeat: what is right stays as it is. */
export async function up(
  context: Context,
  { plan, began, settle, settleInfra, ...allowed }: UpOptions,
): Promise<UpResult> {
  context.on({ type: 'phases-planned', titles: phases });
  const infrastructure = inPhase(context, 'Infrastructure');
  const {
    plan: applied,
    report,
    ids,
  } = plan.empty
    ? { plan, ids: idsOf(plan), report: await execute([], infrastructure) }
    : await applyPlan(infrastructure, plan, allowed);
  await settleInfra?.({ plan: applied, report, ids });
  settle(report);
  const infra = await infraResult(context, { plan: applied, ids, began, outputs: true });
  const monitoring = await configureMonitoring(inPhase(context, 'Monitoring'));
  settle(monitoring.report);
  const dashboards = await uploadDashboards(inPhase(context, 'Dashboards'), {});
  settle(dashboards.report);
  const verified = await verify(inPhase(context, 'Verification'));
  return {
    infra,
    monitoring: monitoring.result,
    dashboards: dashboards.result,
    verify: verified,
    durationMs: Date.now() - began,
  };
}

/** The same context, its runs shown under a heading. */
export function inPhase(context: Context, phase: (typeof phases)[number]): Context {
  return {
    ...context,
    on: (event) => context.on(event.type === 'run-started' ? { ...event, phase } : event),
  };
}

function idsOf({ changes }: Plan): ReadonlyMap<Plan['changes'][number]['address'], string> {
  return new Map(changes.flatMap(({ address, id }) => (id === undefined ? [] : [[address, id] as const])));
}
