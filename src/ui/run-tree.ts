import type { Event, TaskInfo } from '../engine/task.js';
import { duration } from './duration.js';

/** What a row shows. */
export interface RowView {
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  readonly title: string;
  /** The latest thing the task reported, or why it failed. */
  readonly message?: string;
}

/** Rows under one heading; without a heading they stand by themselves. */
export interface Group {
  readonly title: string | undefined;
  readonly rows: readonly Row[];
}

/** The groups of one run, and what follows it in the same place; undefined when nothing follows. */
export interface Link {
  readonly groups: readonly Group[];
  readonly next: Promise<Link | undefined>;
}

/** Milliseconds after which a running row says how long it has been running. */
const patienceMs = 3000;

/** One task as a row that events change. Whoever draws it listens to `onChange` and waits for `settled`. */
export class Row {
  view: RowView;
  onChange: () => void = () => undefined;
  readonly settled: Promise<void>;
  readonly #title: string;
  #settle: () => void = () => undefined;
  #began: number | undefined;

  constructor({ title }: TaskInfo) {
    this.#title = title;
    this.view = { state: 'waiting', title };
    this.settled = new Promise((resolve) => (this.#settle = resolve));
  }

  on(event: Event): void {
    if (event.type === 'task-started') this.#began = Date.now();
    if (!this.#open()) return;
    this.view = viewAfter(this.view, this.#title, event);
    this.onChange();
    if (!this.#open()) this.#settle();
  }

  #open(): boolean {
    return this.view.state === 'waiting' || this.view.state === 'running';
  }

  /** Brings the elapsed time up to date. */
  tick(now: number): void {
    if (this.view.state !== 'running' || this.#began === undefined) return;
    const elapsed = now - this.#began;
    if (elapsed < patienceMs) return;
    this.view = { ...this.view, title: `${this.#title} (${duration(elapsed)})` };
    this.onChange();
  }

  /** Nothing more will be heard of it. */
  abandon(): void {
    if (!this.#open()) return;
    this.view = { ...this.view, state: 'skipped' };
    this.onChange();
    this.#settle();
  }
}

/** How a row looks after an event; `title` is the task's own. */
function viewAfter(view: RowView, title: string, event: Event): RowView {
  switch (event.type) {
    case 'task-started':
      return { state: 'running', title };
    case 'task-progress':
      return { ...view, message: event.message };
    case 'task-done': {
      const said = event.message === undefined ? title : `${title}: ${event.message}`;
      if (event.outcome === 'skip') return { state: 'skipped', title: said };
      const how = event.outcome === 'unchanged' ? 'unchanged, ' : '';
      return { state: 'done', title: `${said} (${how}${duration(event.ms)})` };
    }
    case 'task-failed':
      return { state: 'failed', title: `${title} (${duration(event.ms)})`, message: event.error.message };
    case 'task-skipped':
      return { state: 'skipped', title: `${title}: ${event.because}` };
    default:
      return view;
  }
}

/** A chain of runs in one place of the tree. */
class Chain {
  readonly first: Promise<Link | undefined>;
  #deliver: (link: Link | undefined) => void = () => undefined;

  constructor() {
    this.first = this.#arm();
  }

  add(groups: readonly Group[]): void {
    const deliver = this.#deliver;
    deliver({ groups, next: this.#arm() });
  }

  close(): void {
    this.#deliver(undefined);
  }

  #arm(): Promise<Link | undefined> {
    return new Promise((resolve) => (this.#deliver = resolve));
  }
}

/** One heading of longer work: `infra`, `monitoring`. */
export interface Phase {
  readonly title: string;
  readonly next: Promise<Link | undefined>;
}

/** The events of consecutive runs as a growing tree: phases, runs in them, groups, rows. Draws nothing. */
export class RunTree {
  /** Resolves at the first event: from then on `phases` is complete. */
  readonly begun: Promise<void>;
  readonly #chains = new Map<string, Chain>();
  readonly #loose = new Chain();
  readonly #rows = new Map<string, Row>();
  #begin: () => void = () => undefined;
  #current: string | undefined;

  constructor() {
    this.begun = new Promise((resolve) => (this.#begin = resolve));
  }

  get phases(): readonly Phase[] {
    return [...this.#chains].map(([title, chain]) => ({ title, next: chain.first }));
  }

  /** Runs that belong to no phase. */
  get next(): Promise<Link | undefined> {
    return this.#loose.first;
  }

  on(event: Event): void {
    if (event.type === 'phases-planned')
      for (const title of event.titles) this.#chains.set(title, new Chain());
    else if (event.type === 'run-started') this.#start(event.tasks, event.phase);
    else if ('id' in event) this.#rows.get(event.id)?.on(event);
    this.#begin();
  }

  tick(): void {
    for (const row of this.#rows.values()) row.tick(Date.now());
  }

  /** Nothing more comes: rows that wait and phases that weren't reached are settled. */
  close(): void {
    this.#begin();
    for (const row of this.#rows.values()) row.abandon();
    for (const chain of this.#chains.values()) chain.close();
    this.#loose.close();
  }

  #start(tasks: readonly TaskInfo[], phase: string | undefined): void {
    if (phase !== this.#current && this.#current !== undefined) this.#chains.get(this.#current)?.close();
    this.#current = phase;
    const groups = new Map<string | undefined, Row[]>();
    for (const task of tasks) {
      const row = new Row(task);
      this.#rows.set(task.id, row);
      groups.set(task.group, [...(groups.get(task.group) ?? []), row]);
    }
    const chain = phase === undefined ? this.#loose : (this.#chains.get(phase) ?? this.#loose);
    chain.add([...groups].map(([title, rows]) => ({ title, rows })));
  }
}
