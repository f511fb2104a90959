import type { Event, TaskInfo } from '../engine/task.js';
import { duration } from './duration.js';
import type { Progress, Write } from './progress.js';

/** One plain line per event, for pipes, CI and NO_COLOR. */
export function lines(write: Write): Progress {
  const infos = new Map<string, TaskInfo>();
  return {
    on: (event) => {
      if (event.type === 'run-started') for (const info of event.tasks) infos.set(info.id, info);
      const line = eventLine(event, infos);
      if (line !== undefined) write(`${line}\n`);
    },
    end: () => Promise.resolve(),
  };
}

/** The line of an event, or undefined when it says nothing new. `infos` holds the tasks of the run. */
export function eventLine(event: Event, infos: ReadonlyMap<string, TaskInfo>): string | undefined {
  switch (event.type) {
    case 'run-started':
      return event.phase === undefined ? undefined : `== ${event.phase}`;
    case 'task-progress':
      return `${label(event.id, infos)}: ${event.message}`;
    case 'task-done':
      return `${label(event.id, infos)}: ${doneText(event)}`;
    case 'task-failed':
      return `${label(event.id, infos)}: FAILED (${duration(event.ms)}): ${event.error.message}`;
    case 'task-skipped':
      return `${label(event.id, infos)}: skipped, ${event.because}`;
    case 'note':
      return event.level === 'warning' ? `warning: ${event.message}` : event.message;
    case 'phases-planned':
    case 'task-started':
    case 'run-finished':
      return undefined;
  }
}

const words = { changed: 'done', unchanged: 'unchanged', pass: 'ok', skip: 'skipped' } as const;

/** e.g. `done, vpc-0a1b (19 ms)`; what was skipped took no time worth a word. */
function doneText({ outcome, message, ms }: Extract<Event, { type: 'task-done' }>): string {
  const text = message === undefined ? words[outcome] : `${words[outcome]}, ${message}`;
  return outcome === 'skip' ? text : `${text} (${duration(ms)})`;
}

function label(id: string, infos: ReadonlyMap<string, TaskInfo>): string {
  const info = infos.get(id);
  if (info === undefined) return id;
  return info.group === undefined || info.title.includes(info.group)
    ? info.title
    : `${info.group}: ${info.title}`;
}
