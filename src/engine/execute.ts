import { checkGraph } from './graph.js';
import type { Listener, Report, Result, Task, TaskInfo } from './task.js';

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
  return new Run(tasks, options).finish();
}

/** The state of one run. */
class Run {
  readonly #tasks: readonly Task[];
  readonly #on: Listener;
  readonly #signal: AbortSignal;
  readonly #limit: number;
  readonly #waiting: Set<Task>;
  readonly #running = new Set<Promise<void>>();
  readonly #results = new Map<string, Result>();

  constructor(tasks: readonly Task[], options: ExecuteOptions) {
    this.#tasks = tasks;
    this.#on = options.on ?? (() => undefined);
    this.#signal = options.signal ?? new AbortController().signal;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.#waiting = new Set(tasks);
  }

  async finish(): Promise<Report> {
    this.#on({ type: 'run-started', tasks: this.#tasks.map(infoOf) });
    this.#advance();
    while (this.#running.size > 0) {
      await Promise.race(this.#running);
      this.#advance();
    }
    const report = this.#report();
    this.#on({ type: 'run-finished', report });
    return report;
  }

  /** Skips what can't run any more and starts what can, until neither changes anything. */
  #advance(): void {
    let before: number;
    do {
      before = this.#waiting.size;
      for (const task of this.#waiting) {
        const because = this.#obstacle(task);
        if (because !== undefined) this.#skip(task, because);
        else if (this.#ready(task)) this.#start(task);
      }
    } while (this.#waiting.size < before);
  }

  /** Why a task will never run, or undefined. */
  #obstacle(task: Task): string | undefined {
    const broken = task.after.find((id) => {
      const result = this.#results.get(id);
      return result !== undefined && result.status !== 'done';
    });
    if (broken !== undefined) return `needs ${broken}`;
    return this.#signal.aborted ? 'interrupted' : undefined;
  }

  #ready(task: Task): boolean {
    return this.#running.size < this.#limit && task.after.every((id) => this.#results.has(id));
  }

  #skip(task: Task, because: string): void {
    this.#waiting.delete(task);
    this.#results.set(task.id, { id: task.id, status: 'skipped', because });
    this.#on({ type: 'task-skipped', id: task.id, because });
  }

  #start(task: Task): void {
    this.#waiting.delete(task);
    const running: Promise<void> = this.#run(task).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #run(task: Task): Promise<void> {
    const { id } = task;
    const began = Date.now();
    this.#on({ type: 'task-started', id });
    try {
      const report = (message: string): void => this.#on({ type: 'task-progress', id, message });
      const ended = await task.run({ signal: this.#signal, report });
      const { outcome, ...said } = typeof ended === 'string' ? { outcome: ended } : ended;
      const ms = Date.now() - began;
      this.#results.set(id, { id, status: 'done', outcome, ms });
      this.#on({ type: 'task-done', id, outcome, ...said, ms });
    } catch (thrown) {
      if (this.#signal.aborted && isAbort(thrown, this.#signal)) {
        this.#skip(task, 'interrupted while it ran');
        return;
      }
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const ms = Date.now() - began;
      this.#results.set(id, { id, status: 'failed', error, ms });
      this.#on({ type: 'task-failed', id, error, ms });
    }
  }

  #report(): Report {
    const results = this.#tasks.flatMap((task) => this.#results.get(task.id) ?? []);
    const ok = results.every((result) => result.status === 'done');
    return { results, ok, interrupted: this.#signal.aborted && !ok };
  }
}

/** What a call throws that was broken off by the signal, rather than by a failure of its own. */
function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  if (thrown === signal.reason) return true;
  const { name, code } = (thrown ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'AbortError' || code === 'INTERRUPTED';
}

function infoOf({ id, title, group, after }: Task): TaskInfo {
  return { id, title, after, ...(group !== undefined && { group }) };
}
