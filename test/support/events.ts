import type { Event, Listener } from '../../src/engine/task.js';

/** A listener that keeps every event. */
export interface Recorder {
  readonly on: Listener;
  readonly events: readonly Event[];
  /** The types and ids in order, e.g. `task-started vpc/main`. */
  readonly summary: () => string[];
}

export function recorder(): Recorder {
  const events: Event[] = [];
  return {
    events,
    on: (event) => void events.push(event),
    summary: () => events.map((event) => ('id' in event ? `${event.type} ${event.id}` : event.type)),
  };
}
