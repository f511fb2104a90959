import { execute } from '../engine/execute.js';
import type { Report, Task } from '../engine/task.js';
import { explain } from '../infra/aws-errors.js';
import { callerIdentity } from '../infra/identity.js';
import { startAll, stopAll } from '../infra/power.js';
import type { Aws } from '../infra/resource.js';
import { listInstances } from '../infra/resources/instance-list.js';
import type { Context } from './context.js';
import { noStack } from './stack-outputs.js';
import { viewLock, withLock } from './with-lock.js';

/** What pausing or resuming came to. */
export interface PowerResult {
  readonly report: Report;
  /** Names of the hosts that were stopped or started; the others were so already. */
  readonly changed: readonly string[];
  readonly hosts: number;
  /** GB of volumes, which cost whether hosts run or not. */
  readonly volumeGb: number;
}

export interface PowerOptions {
  /** How long to wait for another run that holds the lock, in ms. */
  readonly waitMs: number;
}

/** Stops every host of the stack; all else stays. A host that is stopped already stays so. */
export function pauseStack(context: Context, options: PowerOptions): Promise<PowerResult> {
  return turn(context, { ...options, verb: 'stop', command: 'infra pause', from: /^(pending|running)$/ });
}

/** Starts every host of the stack and waits until all run. Public addresses are new afterwards, private ones stay. */
export function resumeStack(context: Context, options: PowerOptions): Promise<PowerResult> {
  return turn(context, { ...options, verb: 'start', command: 'infra resume', from: /^stop(ped|ping)$/ });
}

interface Turn extends PowerOptions {
  readonly verb: 'stop' | 'start';
  readonly command: string;
  /** The states that are to be left. */
  readonly from: RegExp;
}

async function turn(context: Context, { verb, command, from, waitMs }: Turn): Promise<PowerResult> {
  const aws = await context.aws();
  const owner = callerIdentity(aws).then(
    ({ arn }) => arn,
    () => 'unknown',
  );
  const [found, view] = await Promise.all([
    listInstances(aws).catch((error: unknown) => {
      throw explain(error, 'find the hosts');
    }),
    viewLock(aws, { command, waitMs, owner }),
  ]);
  if (found.length === 0) throw noStack(context);
  const hosts = found.filter(({ raw }) => from.test(raw.instance.State?.Name ?? ''));
  const summary = {
    changed: hosts.map(({ name }) => name).sort(),
    hosts: found.length,
    volumeGb: found.reduce((sum, { raw }) => sum + (raw.volume?.Size ?? 0), 0),
  };
  const tasks = tasksFor(aws, verb, hosts);
  const run = (): Promise<Report> => execute(tasks, { on: context.on, signal: context.signal });
  if (tasks.length === 0) return { ...summary, report: await run() };
  return withLock(context, view, async () => ({ ...summary, report: await run(), gone: false }));
}

/** A row for each host; one call for all of them. */
function tasksFor(
  aws: Aws,
  verb: 'stop' | 'start',
  hosts: readonly { readonly name: string; readonly id: string }[],
): Task[] {
  let all: Promise<void> | undefined;
  const ids = hosts.map(({ id }) => id);
  return hosts.map(({ name }) => {
    const id = `${verb} instance/${name}`;
    return {
      id,
      title: id,
      group: 'instance',
      after: [],
      run: async ({ signal }) => {
        all ??= (verb === 'stop' ? stopAll : startAll)(aws, ids, signal);
        try {
          await all;
        } catch (error) {
          throw explain(error, id);
        }
        return 'changed';
      },
    };
  });
}
