import type { Listener } from '../engine/task.js';

/** Something that shows a run while it goes on. */
export interface Progress {
  readonly on: Listener;
  /** Resolves once everything is drawn; the terminal is then free for other text. More runs may follow. */
  end(): Promise<void>;
}

/** Where progress is written. */
export type Write = (text: string) => void;
