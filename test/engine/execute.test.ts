import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { execute } from '../../src/engine/execute.js';
import type { Outcome, Task, TaskContext } from '../../src/engine/task.js';
import { recorder } from '../support/events.js';

type Run = (context: TaskContext) => Promise<Outcome>;

const changed: Run = () => Promise.resolve('changed');

function task(id: string, after: readonly string[] = [], run: Run = changed): Task {
  return { id, title: id, after, run };
}

/** A promise that a test settles by hand. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

function statuses(report: Awaited<ReturnType<typeof execute>>): Record<string, string> {
  return Object.fromEntries(report.results.map((result) => [result.id, result.status]));
}

describe('execute', () => {
  it('starts a task when its own predecessors are done, not when a whole level is', async () => {
    const slow = gate();
    const { on, summary } = recorder();
    const run = execute(
      [
        task('slow', [], async () => (await slow.opened, 'changed')),
        task('fast'),
        task('after-fast', ['fast'], () => (slow.open(), Promise.resolve('changed'))),
      ],
      { on },
    );
    expect((await run).ok).toBe(true);
    expect(summary().indexOf('task-done after-fast')).toBeLessThan(summary().indexOf('task-done slow'));
  });

  it('a failure skips its dependants, all the way down, and nothing else', async () => {
    const { on, events } = recorder();
    const report = await execute(
      [
        task('grandchild', ['child']),
        task('child', ['bad']),
        task('bad', [], () => Promise.reject(new Error('no quota'))),
        task('other'),
        task('after-other', ['other']),
      ],
      { on },
    );
    expect(report.ok).toBe(false);
    expect(statuses(report)).toEqual({
      grandchild: 'skipped',
      child: 'skipped',
      bad: 'failed',
      other: 'done',
      'after-other': 'done',
    });
    expect(events.filter((event) => event.type === 'task-skipped').map((event) => event.because)).toEqual([
      'needs bad',
      'needs child',
    ]);
  });

  it('keeps every error', async () => {
    const report = await execute([
      task('a', [], () => Promise.reject(new Error('one'))),
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      task('b', [], () => Promise.reject('two')),
    ]);
    expect(report.results.map((result) => (result.status === 'failed' ? result.error.message : ''))).toEqual([
      'one',
      'two',
    ]);
  });

  it('an interrupt starts nothing new and waits for what runs', async () => {
    const controller = new AbortController();
    const { on, summary } = recorder();
    const report = await execute(
      [
        task('running', [], async ({ signal }) => {
          controller.abort();
          await sleep(20);
          return signal.aborted ? 'changed' : 'unchanged';
        }),
        task('next', ['running']),
        task('also', ['running']),
      ],
      { on, signal: controller.signal },
    );
    expect(report).toMatchObject({ ok: false, interrupted: true });
    expect(report.results).toMatchObject([
      { status: 'done', outcome: 'changed' },
      { status: 'skipped', because: 'interrupted' },
      { status: 'skipped', because: 'interrupted' },
    ]);
    expect(summary().at(-1)).toBe('run-finished');
    expect(summary()).not.toContain('task-started next');
  });

  it('is no interrupted run when every task got done all the same', async () => {
    const controller = new AbortController();
    const last = task('last', [], (context) => {
      controller.abort();
      return changed(context);
    });
    const report = await execute([last], { signal: controller.signal });
    expect(report).toMatchObject({ ok: true, interrupted: false });
  });

  it('tells what an interrupt broke off from what failed', async () => {
    const controller = new AbortController();
    const broken: Run = async ({ signal }) => {
      await sleep(5_000, undefined, { signal });
      return 'changed';
    };
    const failing: Run = async () => {
      await sleep(5);
      throw new Error('no disk');
    };
    const running = execute([task('waits', [], broken), task('fails', [], failing)], {
      signal: controller.signal,
    });
    controller.abort();
    const report = await running;
    expect(report).toMatchObject({ ok: false, interrupted: true });
    expect(report.results).toMatchObject([
      { id: 'waits', status: 'skipped', because: 'interrupted while it ran' },
      { id: 'fails', status: 'failed', error: { message: 'no disk' } },
    ]);
  });

  it('runs nothing when it is aborted before it begins', async () => {
    const report = await execute([task('a')], { signal: AbortSignal.abort() });
    expect(report.results).toEqual([{ id: 'a', status: 'skipped', because: 'interrupted' }]);
  });

  it('runs at most `limit` tasks at once, and that many', async () => {
    let running = 0;
    let most = 0;
    const work: Run = async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(5);
      running -= 1;
      return 'unchanged';
    };
    await execute(
      Array.from({ length: 9 }, (_, index) => task(String(index), [], work)),
      { limit: 3 },
    );
    expect(most).toBe(3);
  });

  it('tells the tasks, their progress and the report, in that order', async () => {
    const { on, events } = recorder();
    await execute(
      [{ ...task('a', [], (context) => (context.report('half'), changed(context))), group: 'g' }],
      { on },
    );
    expect(events.map(({ type }) => type)).toEqual([
      'run-started',
      'task-started',
      'task-progress',
      'task-done',
      'run-finished',
    ]);
    expect(events[0]).toEqual({
      type: 'run-started',
      tasks: [{ id: 'a', title: 'a', group: 'g', after: [] }],
    });
  });

  it.each([
    ['a circle', [task('a', ['c']), task('b', ['a']), task('c', ['b'])], 'a -> c -> b -> a'],
    ['a task that waits for itself', [task('a', ['a'])], 'a -> a'],
    ['an unknown predecessor', [task('a', ['ghost'])], "unknown task 'ghost'"],
    ['a doubled id', [task('a'), task('a')], "two tasks are called 'a'"],
  ])('rejects %s by name', async (_, tasks, message) => {
    await expect(execute(tasks)).rejects.toThrow(message);
  });

  it('respects the order and settles each task exactly once, in any graph with any failures', async () => {
    await fc.assert(
      fc.asyncProperty(graphs(), async ({ nodes, limit, abortAt }) => {
        const { on, events } = recorder();
        const controller = new AbortController();
        let ran = 0;
        const tasks = nodes.map(({ after, fails }, index) =>
          task(String(index), after.map(String), async () => {
            ran += 1;
            if (ran === abortAt) controller.abort();
            await Promise.resolve();
            if (fails) throw new Error('planned');
            return 'changed';
          }),
        );
        const report = await execute([...tasks].reverse(), { on, limit, signal: controller.signal });
        expect(report.results.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(
          nodes.map((_, index) => index),
        );
        const settled = new Map<string, number>();
        events.forEach((event, position) => {
          if (event.type === 'task-started') {
            for (const before of tasks[Number(event.id)]!.after)
              expect(settled.get(before)).toBeLessThan(position);
          }
          if (event.type === 'task-done') settled.set(event.id, position);
        });
        for (const node of nodes.keys()) {
          const ends = events.filter(
            (event) => isEnd(event.type) && 'id' in event && event.id === String(node),
          );
          expect(ends).toHaveLength(1);
        }
        const status = statuses(report);
        nodes.forEach(({ after, fails }, index) => {
          const cleared = after.every((before) => status[String(before)] === 'done');
          if (!cleared) expect(status[String(index)]).toBe('skipped');
          else if (abortAt === undefined) expect(status[String(index)]).toBe(fails ? 'failed' : 'done');
        });
      }),
      { numRuns: 200 },
    );
  });
});

function isEnd(type: string): boolean {
  return type === 'task-done' || type === 'task-failed' || type === 'task-skipped';
}

interface Node {
  readonly after: readonly number[];
  readonly fails: boolean;
}

/** Graphs in which each node waits for some of the nodes before it. */
function graphs(): fc.Arbitrary<{ nodes: Node[]; limit: number | undefined; abortAt: number | undefined }> {
  const node = (index: number): fc.Arbitrary<Node> =>
    fc.record({
      after: index === 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 4 }),
      fails: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    });
  return fc.record({
    nodes: fc
      .integer({ min: 1, max: 25 })
      .chain((size) => fc.tuple(...Array.from({ length: size }, (_, i) => node(i)))),
    limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    abortAt: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  });
}
