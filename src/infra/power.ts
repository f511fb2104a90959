import { DescribeInstancesCommand, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { CloudopsError } from '../errors.js';
import { write } from './ensure.js';
import type { Aws } from './resource.js';
import { poll } from './wait.js';

/** How long AWS may take to stop or start a host, in ms. */
const patience = 600_000;

/** Stops instances by one call and waits until all have stopped. */
export async function stopAll(aws: Aws, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const InstanceIds = [...ids];
  await write(aws, () => aws.ec2.write.send(new StopInstancesCommand({ InstanceIds })), { signal });
  await awaitAll(aws, InstanceIds, 'stopped', signal);
}

/** Starts instances by one call and waits until all run; what is still stopping is waited for before. */
export async function startAll(aws: Aws, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const InstanceIds = [...ids];
  const settled = async (): Promise<true | undefined> =>
    (await statesOf(aws, InstanceIds)).includes('stopping') ? undefined : true;
  await poll(aws, settled, { limitMs: patience, signal });
  await write(aws, () => aws.ec2.write.send(new StartInstancesCommand({ InstanceIds })), { signal });
  await awaitAll(aws, InstanceIds, 'running', signal);
}

async function statesOf(aws: Aws, InstanceIds: string[]): Promise<string[]> {
  const { Reservations = [] } = await aws.ec2.read.send(new DescribeInstancesCommand({ InstanceIds }));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name ?? ''));
}

async function awaitAll(aws: Aws, ids: string[], state: string, signal: AbortSignal): Promise<void> {
  let states: string[] = [];
  const reached = async (): Promise<true | undefined> => {
    states = await statesOf(aws, ids);
    return states.every((one) => one === state) ? true : undefined;
  };
  if ((await poll(aws, reached, { limitMs: patience, signal })) === true) return;
  throw new CloudopsError({
    code: 'INSTANCE_STATE',
    what: `Not all hosts are ${state} after ${patience / 60_000} minutes.`,
    why: `They are ${states.join(', ')}.`,
    fix: ["Look at them with 'cloudops infra status', then run the same command again."],
  });
}
