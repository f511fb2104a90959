import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CloudopsError } from '../errors.js';
import { isNotYet } from './faults.js';
import type { Aws } from './resource.js';
import { poll } from './wait.js';

/** Three minutes: an instance runs after ten seconds, or something is wrong. */
const limitMs = 180_000;

/**
 * The address of an instance that is starting, once it runs and has one. Rejects with what AWS says of an instance
 * that will not.
 */
export async function runningAddress(
  aws: Aws,
  { name, instanceId }: { readonly name: string; readonly instanceId: string },
  { signal, report }: { readonly signal: AbortSignal; readonly report: (message: string) => void },
): Promise<string> {
  let state = 'not known yet';
  const ask = async (): Promise<string | undefined> => {
    const instance = await lookUp(aws, instanceId);
    const now = instance?.State?.Name ?? 'not known yet';
    if (now !== state) report(`waiting for the instance: it is ${now}`);
    state = now;
    if (!['pending', 'running', 'not known yet'].includes(now))
      throw notRunning(name, instanceId, now, instance?.StateReason?.Message);
    return now === 'running' ? (instance?.PublicIpAddress ?? instance?.PrivateIpAddress) : undefined;
  };
  const address = await poll(aws, ask, { limitMs, signal });
  if (address !== undefined) return address;
  throw notRunning(name, instanceId, `${state} after three minutes`, undefined);
}

async function lookUp(aws: Aws, instanceId: string) {
  try {
    const command = new DescribeInstancesCommand({ InstanceIds: [instanceId] });
    return (await aws.ec2.read.send(command)).Reservations?.[0]?.Instances?.[0];
  } catch (error) {
    if (isNotYet(error)) return undefined;
    throw error;
  }
}

function notRunning(name: string, id: string, state: string, reason: string | undefined): CloudopsError {
  return new CloudopsError({
    code: 'INSTANCE_NOT_RUNNING',
    what: `${name} (${id}) is ${state}, so nobody can log in to it.`,
    why: reason === undefined ? undefined : `AWS says: ${reason}.`,
    fix: ["'cloudops infra up' starts or makes anew what should run; then run the same command again"],
  });
}
