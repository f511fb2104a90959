import { CloudopsError } from '../errors.js';
import { endMark, framed, newMark, readFrames, type Frame } from './frames.js';
import { markPlace, type Glance } from './glance.js';
import type { ExecResult, Host } from './host.js';
import { lastLines } from './output.js';
import type { Converged, Drift, Step, StepScript } from './step.js';

/** A step that differs, with the reason; what `inspect` and `converge` decide on. */
interface Drifted {
  readonly step: Step;
  readonly detail: string;
}

interface Scripted extends Drifted {
  readonly script: StepScript;
}

/** The looks of the steps as one text of shell, the same for the same steps. */
export function looksOf(steps: readonly Step[]): string {
  return looksScript(markPlace, steps);
}

/**
 * Which of the steps aren't true on the host. All looks go in one script, one round trip, and change nothing; none
 * where a glance has shown just these. Rejects when the looks couldn't all be taken: a host that we can't see has not
 * drifted.
 */
export async function inspect(
  host: Host,
  steps: readonly Step[],
  glance?: Glance,
): Promise<readonly Drift[]> {
  const drifted =
    glance !== undefined && glance.looks === looksOf(steps)
      ? judge(host, steps, glance.frames, { code: 0, stdout: '', stderr: '' })
      : await lookAt(host, steps);
  return drifted.map(({ step, detail }) => ({ step: step.id, detail }));
}

/**
 * Makes all steps true, in their order, and proves it: each applied step is looked at again, and so is everything
 * after it before it is decided on. A converged host costs one round trip. `signal` stops between two steps.
 */
export async function converge(
  host: Host,
  steps: readonly Step[],
  report: (message: string) => void,
  signal?: AbortSignal,
): Promise<Converged> {
  const changed = new Map<string, Drift>();
  let rest = steps;
  let drifted = await lookAt(host, rest);
  for (let next = drifted[0]; next !== undefined; next = drifted[0]) {
    signal?.throwIfAborted();
    const batch = neighbours(rest, drifted);
    const remaining = rest.slice(rest.indexOf(next.step));
    for (const { step, detail } of batch) report(`${step.id}: ${detail}`);
    const seen =
      batch.length > 0
        ? await applyBatch(host, batch, remaining)
        : await applyOne(host, next, remaining, report);
    const applied = batch.length > 0 ? batch : [next];
    for (const { step, detail } of applied) {
      const still = seen.find((one) => one.step === step);
      if (still !== undefined) throw stillDrifts(host, still);
      changed.set(step.id, { step: step.id, detail });
    }
    const last = applied.at(-1) ?? next;
    rest = rest.slice(rest.indexOf(last.step) + 1);
    drifted = seen.filter(({ step }) => rest.includes(step));
  }
  return {
    outcome: changed.size > 0 ? 'changed' : 'unchanged',
    changed: [...changed.values()],
    unchanged: steps.length - changed.size,
  };
}

/** The drifted steps, from the first on, that one script can change: only steps with a script stand between them. */
function neighbours(rest: readonly Step[], drifted: readonly Drifted[]): readonly Scripted[] {
  const batch: Scripted[] = [];
  const from = drifted[0] === undefined ? 0 : rest.indexOf(drifted[0].step);
  for (const step of rest.slice(from)) {
    if (step.script === undefined) break;
    const found = drifted.find((one) => one.step === step);
    if (found !== undefined) batch.push({ ...found, script: step.script });
  }
  return batch;
}

async function applyOne(
  host: Host,
  { step, detail }: Drifted,
  remaining: readonly Step[],
  report: (message: string) => void,
): Promise<readonly Drifted[]> {
  report(`${step.id}: ${detail}`);
  await step.apply(host, report);
  return lookAt(host, remaining);
}

/** Runs the scripts of a batch until one fails, then looks at all that remains; one round trip. */
async function applyBatch(
  host: Host,
  batch: readonly Scripted[],
  remaining: readonly Step[],
): Promise<readonly Drifted[]> {
  const mark = newMark();
  const changes = batch.map(({ script }, index) => {
    const redirect = script.stdin === undefined ? '2>&1 </dev/null' : '2>&1';
    return `if [ "$c" = 0 ]; then\n${framed(mark, `apply-${index}`, script.text, redirect)}\nfi`;
  });
  const looks = looksScript(mark, remaining);
  const text = ['c=0', ...changes, 'if [ "$c" = 0 ]; then', looks, 'fi', endMark(mark)].join('\n');
  const stdin = Buffer.concat(batch.map(({ script }) => script.stdin ?? new Uint8Array()));
  const result = await host.exec(text, { stdin });
  const { frames } = readAll(host, mark, result);
  for (const [index, { step, script }] of batch.entries()) {
    const frame = frames.get(`apply-${index}`);
    if (frame === undefined) throw cutOff(host, step.id, result);
    if (frame.code !== 0) throw script.explain(host, frame.code, frame.output);
  }
  return judge(host, remaining, frames, result);
}

async function lookAt(host: Host, steps: readonly Step[]): Promise<readonly Drifted[]> {
  if (steps.length === 0) return [];
  const mark = newMark();
  const result = await host.exec(`${looksScript(mark, steps)}\n${endMark(mark)}`);
  return judge(host, steps, readAll(host, mark, result).frames, result);
}

function looksScript(mark: string, steps: readonly Step[]): string {
  return steps.map((step, index) => framed(mark, `look-${index}`, step.look, '</dev/null')).join('\n');
}

function judge(
  host: Host,
  steps: readonly Step[],
  frames: ReadonlyMap<string, Frame>,
  result: ExecResult,
): readonly Drifted[] {
  return steps.flatMap((step, index) => {
    const frame = frames.get(`look-${index}`);
    if (frame === undefined) throw cutOff(host, step.id, result);
    if (frame.code >= 126) throw lookFailed(host, step.id, frame, result.stderr);
    const detail = step.drift(frame.output.trim());
    return detail === undefined ? [] : [{ step, detail }];
  });
}

function readAll(host: Host, mark: string, result: ExecResult): ReturnType<typeof readFrames> {
  const read = readFrames(mark, result.stdout);
  if (!read.done) throw cutOff(host, undefined, result);
  return read;
}

function cutOff(host: Host, step: string | undefined, result: ExecResult): CloudopsError {
  const at = step === undefined ? '' : ` at '${step}'`;
  return new CloudopsError({
    code: 'HOST_LOOK_CUT_OFF',
    what: `Looking at ${host.name} broke off${at} before its end; nothing was decided on what it had shown.`,
    why: `The shell ended with code ${result.code}${result.stderr === '' ? '' : `: ${lastLines(result.stderr)}`}.`,
    fix: ['run the same command again; if it stays, log in and look at the disk, memory and the system log'],
  });
}

function lookFailed(host: Host, step: string, frame: Frame, stderr: string): CloudopsError {
  return new CloudopsError({
    code: 'HOST_LOOK_FAILED',
    what: `The state of '${step}' on ${host.name} can't be seen.`,
    why: `Its look ended with code ${frame.code}: ${lastLines(`${frame.output}\n${stderr}`)}.`,
    fix: [`see whether the host has the command that is missing, and memory to run it`],
  });
}

function stillDrifts(host: Host, { step, detail }: Drifted): CloudopsError {
  return new CloudopsError({
    code: 'STEP_STILL_DRIFTS',
    what: `'${step.id}' was applied on ${host.name}, but it still differs.`,
    why: `Seen afterwards: ${detail}.`,
    fix: ['look for something else on the host that changes it back, then run the same command again'],
  });
}
