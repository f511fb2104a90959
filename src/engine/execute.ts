import { checkGraph } from './graph.js';
import type { Listener, Report, Result, Task } from './task.js';

/** How a run is watched and bounded. */
export interface ExecuteOptions {
  readonly on?: Listener | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How many tasks may run at once; default no limit. */
  readonly limit?: number | undefined;
}

/**
 * Runs every task as soon as all tasks in its `after` are done. A failure skips its dependants only; an abort of
 * `signal` starts nothing new and waits for what runs. Rejects only on a broken graph, never because a task failed.
 */
export async function execute(tasks: readonly Task[], options: ExecuteOptions = {}): Promise<Report> {
  checkGraph(tasks);
  const on = options.on ?? (() => undefined);
  const signal = options.signal ?? new AbortController().signal;
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const waiting = new Set(tasks);
  const running = new Set<Promise<void>>();
  const results = new Map<string, Result>();

  const settle = (result: Result): void => {
    results.set(result.id, result);
  };
  const skip = (task: Task, because: string): void => {
    waiting.delete(task);
    settle({ id: task.id, status: 'skipped', because });
    on({ type: 'task-skipped', id: task.id, because });
  };
  const start = async (task: Task): Promise<void> => {
    const began = Date.now();
    on({ type: 'task-started', id: task.id });
    try {
      const report = (message: string): void => on({ type: 'task-progress', id: task.id, message });
      const outcome = await task.run({ signal, report });
      const ms = Date.now() - began;
      settle({ id: task.id, status: 'done', outcome, ms });
      on({ type: 'task-done', id: task.id, outcome, ms });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const ms = Date.now() - began;
      settle({ id: task.id, status: 'failed', error, ms });
      on({ type: 'task-failed', id: task.id, error, ms });
    }
  };
  const advance = (): void => {
    for (let again = true; again;) {
      again = false;
      for (const task of waiting) {
        const broken = task.after.find((id) => isBroken(results.get(id)));
        if (broken !== undefined) {
          skip(task, `needs ${broken}`);
          again = true;
        } else if (signal.aborted) {
          skip(task, 'interrupted');
          again = true;
        } else if (running.size < limit && task.after.every((id) => results.has(id))) {
          waiting.delete(task);
          const run: Promise<void> = start(task).finally(() => running.delete(run));
          running.add(run);
        }
      }
    }
  };

  on({ type: 'run-started', tasks: tasks.map(({ run: _, ...info }) => info) });
  advance();
  while (running.size > 0) {
    await Promise.race(running);
    advance();
  }
  const report = summarise(tasks, results, signal.aborted);
  on({ type: 'run-finished', report });
  return report;
}

function isBroken(result: Result | undefined): boolean {
  return result !== undefined && result.status !== 'done';
}

function summarise(
  tasks: readonly Task[],
  results: ReadonlyMap<string, Result>,
  interrupted: boolean,
): Report {
  const ordered = tasks.flatMap((task) => results.get(task.id) ?? []);
  return { results: ordered, ok: ordered.every((result) => result.status === 'done'), interrupted };
}
