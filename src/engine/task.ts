/** What a task did: it changed the world, found it right already, looked and liked it, or had a reason to leave it. */
export type Outcome = 'changed' | 'unchanged' | 'pass' | 'skip';

/** An outcome with what there is to say of it; one short line. */
export interface Concluded {
  readonly outcome: Outcome;
  readonly message: string;
}

/** One piece of work, as data plus one function. */
export interface Task {
  /** Unique within a run, e.g. `create subnet/public-1` or `web-1 prometheus`. */
  readonly id: string;
  readonly title: string;
  /** How a renderer may fold rows: a host, a kind. */
  readonly group?: string;
  /** Ids of the tasks that must be done first. */
  readonly after: readonly string[];
  run(context: TaskContext): Promise<Outcome | Concluded>;
}

/** What the executor hands to a running task. */
export interface TaskContext {
  /** Aborted at the first interrupt: finish the call in flight, start nothing new. */
  readonly signal: AbortSignal;
  /** Tells the operator what goes on; one short line. */
  report(message: string): void;
}

export type TaskInfo = Pick<Task, 'id' | 'title' | 'group' | 'after'>;

/** What happened to one task in a run. */
export type Result =
  | { readonly id: string; readonly status: 'done'; readonly outcome: Outcome; readonly ms: number }
  | { readonly id: string; readonly status: 'failed'; readonly error: Error; readonly ms: number }
  | { readonly id: string; readonly status: 'skipped'; readonly because: string };

/** All results of a run, in the order of the tasks. */
export interface Report {
  readonly results: readonly Result[];
  /** True when every task is done. */
  readonly ok: boolean;
  /** True when an interrupt kept a task from being done. */
  readonly interrupted: boolean;
}

/** What is told about a run. Runs may be phases of one longer piece of work, announced by `phases-planned`. */
export type Event =
  | { readonly type: 'phases-planned'; readonly titles: readonly string[] }
  | { readonly type: 'run-started'; readonly tasks: readonly TaskInfo[]; readonly phase?: string }
  | { readonly type: 'task-started'; readonly id: string }
  | { readonly type: 'task-progress'; readonly id: string; readonly message: string }
  | {
      readonly type: 'task-done';
      readonly id: string;
      readonly outcome: Outcome;
      readonly message?: string;
      readonly ms: number;
    }
  | { readonly type: 'task-failed'; readonly id: string; readonly error: Error; readonly ms: number }
  | { readonly type: 'task-skipped'; readonly id: string; readonly because: string }
  | { readonly type: 'note'; readonly level: 'info' | 'warning'; readonly message: string }
  | { readonly type: 'run-finished'; readonly report: Report };

export type Listener = (event: Event) => void;
