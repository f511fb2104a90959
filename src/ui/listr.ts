import {
  DefaultRenderer,
  Listr,
  ListrLogger,
  type ListrTask,
  ListrTaskEventType,
  ListrTaskState,
  type ListrTaskWrapper,
  ProcessOutput,
  type SimpleRenderer,
} from 'listr2';
import type { Event } from '../engine/task.js';
import { eventLine } from './lines.js';
import type { Progress } from './progress.js';
import { RunTree, type Group, type Link, type Row } from './run-tree.js';

/** listr2 draws on stdout and falls back to plain text when that is no terminal; this one draws on stderr. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true as never;
}

type Drawn = ListrTask<unknown, typeof StderrRenderer, typeof SimpleRenderer>;
type Wrapper = ListrTaskWrapper<unknown, typeof StderrRenderer, typeof SimpleRenderer>;

const tickMs = 1000;

/**
 * Rows on a terminal, drawn by listr2. The executor executes; a row only waits for the events of its task. Runs that
 * follow each other grow one tree, which stands still once `end` is called.
 */
export function listr(stream: NodeJS.WriteStream): Progress {
  let open: OpenTree | undefined;
  return {
    on: (event) => {
      if (event.type === 'phases-planned' || event.type === 'run-started') open ??= openTree(stream);
      open?.tree.on(event);
      if (event.type === 'note') note(event, stream, open);
    },
    end: async () => {
      const ending = open;
      open = undefined;
      await ending?.end();
    },
  };
}

interface OpenTree {
  readonly tree: RunTree;
  /** Shows a line under the rows while they are drawn. */
  footer(line: string): void;
  end(): Promise<void>;
}

function openTree(stream: NodeJS.WriteStream): OpenTree {
  const tree = new RunTree();
  const timer = setInterval(() => tree.tick(), tickMs);
  timer.unref();
  let bottom: Wrapper | undefined;
  const root: Drawn = {
    task: async (_, wrapper) => {
      bottom = wrapper;
      await tree.begun;
      const phases = tree.phases.map((phase) => section(phase.next, phase.title));
      return wrapper.newListr([...phases, section(tree.next)], { concurrent: true });
    },
  };
  const drawn = new Listr([root], {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    renderer: StderrRenderer,
    rendererOptions: {
      collapseErrors: false,
      logger: new ListrLogger({
        useIcons: true,
        toStderr: [],
        processOutput: new ProcessOutput(stream, stream),
      }),
    },
  });
  const through = drawn.run();
  return {
    tree,
    footer: (line) => {
      if (bottom !== undefined) bottom.output = line;
    },
    end: async () => {
      tree.close();
      await through;
      clearInterval(timer);
    },
  };
}

/** A place where the groups of the next runs go, one run after the other, until it is closed. */
function section(next: Promise<Link | undefined>, title?: string): Drawn {
  return {
    ...(title !== undefined && { title }),
    task: async (_, wrapper) => {
      endAsSubtasks(wrapper);
      const link = await next;
      if (link !== undefined) {
        return wrapper.newListr([...link.groups.flatMap(group), section(link.next)], { concurrent: true });
      }
      if (title !== undefined) wrapper.skip(`${title}: not reached`);
      return undefined;
    },
  };
}

function group({ title, rows }: Group): Drawn[] {
  if (title === undefined) return rows.map(row);
  const task: Drawn['task'] = (_, wrapper) => {
    endAsSubtasks(wrapper);
    return wrapper.newListr(rows.map(row), { concurrent: true });
  };
  return [{ title, task }];
}

/** listr2 folds what is completed; a heading above a failed row must stay open, and one above skipped rows isn't done. */
function endAsSubtasks({ task }: Wrapper): void {
  task.on(ListrTaskEventType.STATE, (state) => {
    if (state !== ListrTaskState.COMPLETED || !task.hasSubtasks()) return;
    if (task.subtasks.some((one) => one.hasFailed())) task.state$ = ListrTaskState.FAILED;
    else if (task.subtasks.every((one) => one.isSkipped())) task.state$ = ListrTaskState.SKIPPED;
  });
}

/** listr2 starts all rows at once; one whose task hasn't started is put back to waiting. */
function row(shown: Row): Drawn {
  return {
    title: shown.view.title,
    task: async (_, wrapper) => {
      shown.onChange = () => draw(shown, wrapper);
      draw(shown, wrapper);
      await shown.settled;
      if (shown.view.state === 'failed') throw new Error(shown.view.message);
    },
  };
}

function draw({ view }: Row, wrapper: Wrapper): void {
  wrapper.title = view.title;
  if (view.state === 'skipped') wrapper.skip(view.title);
  else wrapper.task.state$ = view.state === 'waiting' ? ListrTaskState.WAITING : ListrTaskState.STARTED;
  if (view.message !== undefined && view.state === 'running') wrapper.output = view.message;
}

/** Shown at once under the rows; what is written to the stream meanwhile appears when they stand still. */
function note(event: Event, stream: NodeJS.WriteStream, open: OpenTree | undefined): void {
  const line = eventLine(event, new Map()) ?? '';
  open?.footer(line);
  stream.write(`${line}\n`);
}
