import { DescribeInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { CloudopsError } from '../../errors.js';
import { remove } from '../ensure.js';
import { isGone } from '../faults.js';
import type { Aws } from '../resource.js';
import { poll } from '../wait.js';

/** Terminates all of them by one call and waits until they are gone: only then do networks and groups come free. */
export async function terminate(aws: Aws, ids: readonly string[], signal: AbortSignal): Promise<void> {
  if (ids.length === 0) return;
  const InstanceIds = [...ids];
  await remove(aws, () => aws.ec2.write.send(new TerminateInstancesCommand({ InstanceIds })), signal);
  const gone = await poll(aws, () => allGone(aws, InstanceIds), { limitMs: 600_000, firstMs: 1_000, signal });
  if (gone === true) return;
  throw new CloudopsError({
    code: 'INSTANCE_NOT_TERMINATED',
    what: `${ids.join(', ')} did not end within 10 minutes.`,
    fix: ["Look at it with 'cloudops infra status', then run the same command again."],
  });
}

async function allGone(aws: Aws, InstanceIds: string[]): Promise<true | undefined> {
  try {
    const { Reservations } = await aws.ec2.read.send(new DescribeInstancesCommand({ InstanceIds }));
    const instances = Reservations?.flatMap((one) => one.Instances ?? []) ?? [];
    return instances.every((one) => one.State?.Name === 'terminated') ? true : undefined;
  } catch (error) {
    if (isGone(error)) return true;
    throw error;
  }
}
