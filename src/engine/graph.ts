import type { Task } from './task.js';

/** Throws when two tasks share an id, a task waits for one that isn't there, or tasks wait for each other in a circle. */
export function checkGraph(tasks: readonly Task[]): void {
  const byId = new Map<string, Task>();
  for (const task of tasks) {
    if (byId.has(task.id)) throw new Error(`two tasks are called '${task.id}'`);
    byId.set(task.id, task);
  }
  const done = new Set<string>();
  const visit = (task: Task, path: readonly string[]): void => {
    if (done.has(task.id)) return;
    if (path.includes(task.id)) {
      const circle = [...path.slice(path.indexOf(task.id)), task.id].join(' -> ');
      throw new Error(`tasks wait for each other: ${circle}`);
    }
    for (const id of task.after) {
      const before = byId.get(id);
      if (before === undefined) throw new Error(`task '${task.id}' waits for unknown task '${id}'`);
      visit(before, [...path, task.id]);
    }
    done.add(task.id);
  };
  for (const task of tasks) visit(task, []);
}
