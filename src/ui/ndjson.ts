import type { Event } from '../engine/task.js';
import type { Progress, Write } from './progress.js';

/** One JSON object per event and line, for `--json` on stderr. */
export function ndjson(write: Write): Progress {
  return {
    on: (event) => write(`${JSON.stringify(eventDocument(event))}\n`),
    end: () => Promise.resolve(),
  };
}

/** An event as plain data: errors by code and message, the final report as counts. */
export function eventDocument(event: Event): object {
  switch (event.type) {
    case 'run-started':
      return {
        ...event,
        tasks: event.tasks.map(({ id, title, group, after }) => ({ id, title, group, after })),
      };
    case 'task-failed':
      return { ...event, error: errorDocument(event.error) };
    case 'run-finished': {
      const count = (status: string): number =>
        event.report.results.filter((result) => result.status === status).length;
      const { ok, interrupted } = event.report;
      return {
        type: event.type,
        ok,
        interrupted,
        done: count('done'),
        failed: count('failed'),
        skipped: count('skipped'),
      };
    }
    default:
      return event;
  }
}

function errorDocument(error: Error): object {
  const { code } = error as { code?: unknown };
  return { code: typeof code === 'string' ? code : 'INTERNAL', message: error.message };
}
