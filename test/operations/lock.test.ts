import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Plan } from '../../src/infra/plan.js';
import { readEntries } from '../../src/infra/lock/parameters.js';
import type { Aws } from '../../src/infra/resource.js';
import { tagKeys } from '../../src/infra/tags.js';
import { type Applied, applyPlan } from '../../src/operations/apply-plan.js';
import type { Context } from '../../src/operations/context.js';
import { planAgain } from '../../src/operations/plan-again.js';
import { planInfra } from '../../src/operations/plan-infra.js';
import { prepare } from '../../src/operations/prepare.js';
import { lockHolder, unlock } from '../../src/operations/unlock.js';
import { vpc } from '../../src/infra/resources/vpc.js';
import type { Fault } from '../../src/sandbox/api/server.js';
import type { Request } from '../../src/sandbox/protocol/request.js';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';
import { configOf } from '../support/stack.js';

let emulator: Emulator;
let stateDir = '';
let launchPolls = 0;
let fault: ((request: Request) => Fault | undefined) | undefined;

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'cloudops-lock-'));
  fault = undefined;
  launchPolls = 0;
  emulator = await startEmulator({
    fault: (request) => fault?.(request),
    onCall: ({ action }) => (launchPolls += action === 'DescribeInstances' ? 1 : 0),
  });
});
afterEach(async () => {
  rmSync(stateDir, { recursive: true, force: true });
  await emulator.close();
});

interface Run {
  readonly applied?: Applied;
  readonly plans: readonly Plan[];
  readonly notes: readonly string[];
  readonly apiCalls: number;
}

function contextOf(aws: Aws, notes: string[], signal = new AbortController().signal): Context {
  return {
    config: configOf({ access: { allowCidrs: ['203.0.113.7/32'] } }),
    stack: aws.stack,
    region: aws.region,
    aws: () => Promise.resolve(aws),
    connect: () => Promise.reject(new Error('no hosts here')),
    on: (event) => event.type === 'note' && notes.push(event.message),
    signal,
    sandbox: false,
    stateDir,
  };
}

/** An up or down as the commands do it, with `--yes`. */
async function run(
  command: 'infra up' | 'infra down',
  { waitMs = 0, signal }: { waitMs?: number; signal?: AbortSignal } = {},
): Promise<Run> {
  const aws = emulator.aws();
  const notes: string[] = [];
  const context = contextOf(aws, notes, signal);
  const destroy = command === 'infra down';
  const { plan, lock } = await prepare(context, { command, waitMs, destroy });
  const plans = [plan];
  const agree = async (now: Plan): Promise<boolean> => Promise.resolve(plans.push(now) > 0);
  const again = (): Promise<Plan> => planAgain(context, plan, { destroy, agree });
  const applied = await applyPlan(context, plan, { lock: { view: lock, again } });
  return { applied, plans, notes, apiCalls: aws.apiCalls() };
}

const entries = async (): Promise<string[]> =>
  (await readEntries(emulator.aws())).map(({ number, lease }) => `${number} ${lease.state} ${lease.command}`);

describe('an up and a down under the lock', () => {
  it('take it and give it back, and a down leaves none', async () => {
    const made = await run('infra up');
    expect(made.applied?.report.ok).toBe(true);
    expect(await entries()).toEqual(['1 released infra up']);
    const [network] = await vpc.list(emulator.aws());
    expect(network && vpc.tagsOf(network.raw)[tagKeys.operation]).toMatch(/^1-[0-9a-f-]{36}$/);
    const nothing = await run('infra up');
    expect(nothing.plans[0]?.empty).toBe(true);
    expect(await entries()).toEqual(['1 released infra up']);
    expect((await run('infra down')).applied?.report.ok).toBe(true);
    expect(await entries()).toEqual([]);
    expect((await run('infra up')).applied?.report.ok).toBe(true);
    expect(await entries()).toEqual(['1 released infra up']);
  }, 30_000);

  it('two at once: one works, the other is refused with who holds it', async () => {
    const [one, other] = await Promise.allSettled([run('infra up'), run('infra up')]);
    const refused = [one, other].filter((each) => each.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({
      code: 'LOCKED',
      exitCode: 6,
      why: expect.stringContaining(`process ${process.pid}`),
    });
    expect((await planInfra(contextOf(emulator.aws(), []))).empty).toBe(true);
  }, 30_000);

  it('two at once with time to wait: the second plans again and has nothing to do', async () => {
    const runs = await Promise.all([
      run('infra up', { waitMs: 60_000 }),
      run('infra up', { waitMs: 60_000 }),
    ]);
    const waited = runs.filter(({ notes }) => notes.some((note) => note.startsWith('Waiting for the lock')));
    expect(waited).toHaveLength(1);
    expect(waited[0]?.plans.map(({ empty }) => empty)).toEqual([false, true]);
    for (const { applied } of runs) expect(applied?.report.ok).toBe(true);
    expect((await planInfra(contextOf(emulator.aws(), []))).empty).toBe(true);
  }, 30_000);

  it('give it back when a task fails, and at an interrupt', async () => {
    fault = ({ action }) =>
      action === 'CreateVpc'
        ? { kind: 'error', code: 'VpcLimitExceeded', message: 'no', status: 400 }
        : undefined;
    expect((await run('infra up')).applied?.report.ok).toBe(false);
    expect(await entries()).toEqual(['1 released infra up']);
    const interrupt = new AbortController();
    fault = ({ action }) => {
      if (action === 'CreateVpc') interrupt.abort();
      return undefined;
    };
    const stopped = await run('infra up', { signal: interrupt.signal });
    expect(stopped.applied?.report.interrupted).toBe(true);
    expect(await entries()).toEqual(['1 released infra up', '2 released infra up']);
  }, 30_000);

  it.each([
    ['without the permission', 'AccessDeniedException', 400],
    ['where the endpoint has no such thing', 'UnknownOperationException', 400],
  ])(
    '%s warn and go on',
    async (_, code, status) => {
      fault = ({ action }) =>
        action === 'GetParametersByPath' ? { kind: 'error', code, message: 'no', status } : undefined;
      const made = await run('infra up');
      expect(made.applied?.report.ok).toBe(true);
      expect(made.notes.join('\n')).toContain('Working without a lock');
    },
    30_000,
  );

  it('can be unlocked', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    fault = ({ action }) => (action === 'CreateVpc' ? { kind: 'delay', ms: 1_500 } : undefined);
    const working = run('infra up').finally(release);
    const context = contextOf(emulator.aws(), []);
    while ((await lockHolder(context)) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(run('infra up')).rejects.toMatchObject({ code: 'LOCKED' });
    await unlock(context);
    expect(await lockHolder(context)).toBeUndefined();
    await held;
    expect((await working).applied?.report.ok).toBe(true);
  }, 30_000);

  it('leave an up 48 calls, one with nothing to do 20, a down 31', async () => {
    const { apiCalls: up } = await run('infra up');
    const polls = launchPolls;
    const { apiCalls: again } = await run('infra up');
    const before = launchPolls;
    const { apiCalls: down } = await run('infra down');
    // The emulator's hosts need a moment to start and to end: of the looks at them three, one and two are due.
    const beyond = { up: polls - 3, down: launchPolls - before - 2 };
    expect({ up: up - beyond.up, again, down: down - beyond.down }).toEqual({ up: 48, again: 20, down: 31 });
  }, 30_000);
});
