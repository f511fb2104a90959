import { execute } from '../engine/execute.js';
import type { Listener, Report, Task } from '../engine/task.js';
import { CloudopsError } from '../errors.js';
import { hintFor, meaningOf, NoAnswer } from './answer.js';
import type { Check, Finding, Probe } from './probe.js';
import { Needs } from './service.js';

export interface Ran {
  readonly checks: readonly Check[];
  readonly report: Report;
}

/** Runs all probes at once, none waiting for another, and gives a check for each, in their order. */
export async function runProbes(
  probes: readonly Probe[],
  options: { readonly on: Listener; readonly signal: AbortSignal; readonly limit?: number },
): Promise<Ran> {
  const checks = new Map<Probe, Check>();
  const report = await execute(
    probes.map((probe) => asTask(probe, (check) => checks.set(probe, check))),
    options,
  );
  return { checks: probes.map((probe) => checks.get(probe) ?? interrupted(probe)), report };
}

/** A failed finding fails the task, so that progress shows it. */
export function asTask(probe: Probe, keep: (check: Check) => void): Task {
  return {
    id: `${probe.id} ${probe.target}`,
    title: probe.title,
    group: 'verify',
    after: [],
    async run(context) {
      const began = Date.now();
      const finding = await find(probe, context.signal);
      const check = asCheck(probe, finding, Date.now() - began);
      keep(check);
      if (check.status === 'fail') throw failure(probe, check);
      return { outcome: check.status, message: check.message };
    },
  };
}

async function find(probe: Probe, signal: AbortSignal): Promise<Finding> {
  try {
    return await probe.run(signal);
  } catch (error) {
    signal.throwIfAborted();
    return findingOf(error);
  }
}

/** What a probe couldn't get past is a finding too; only our own bugs are thrown on. */
function findingOf(error: unknown): Finding {
  if (error instanceof Needs) return { status: 'skip', message: error.message };
  if (error instanceof NoAnswer) return unanswered(error);
  if (error instanceof CloudopsError) {
    return { status: 'fail', message: error.message, hint: error.fix.join(' ') };
  }
  throw error;
}

function unanswered({ silence, message, about }: NoAnswer): Finding {
  const hint = hintFor(silence, about?.service ?? 'the service');
  return about === undefined
    ? { status: 'fail', message, hint }
    : {
        status: 'fail',
        message: meaningOf(silence, about.where),
        expected: `${about.service} to answer`,
        hint,
      };
}

function asCheck(probe: Probe, finding: Finding, durationMs: number): Check {
  const { id, target } = probe;
  const expected = finding.status === 'fail' ? finding.expected : undefined;
  const message = expected === undefined ? finding.message : `${finding.message}; expected ${expected}`;
  const hint = 'hint' in finding ? finding.hint : undefined;
  return { id, target, status: finding.status, message, ...(hint ? { hint } : {}), durationMs };
}

function failure(probe: Probe, check: Check): CloudopsError {
  return new CloudopsError({
    code: 'VERIFY_FAILED',
    what: `${probe.title}: ${check.message}.`,
    fix: check.hint === undefined ? [] : [check.hint],
  });
}

function interrupted({ id, target }: Probe): Check {
  return { id, target, status: 'skip', message: 'not tried: interrupted', durationMs: 0 };
}
