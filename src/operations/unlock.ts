import { explain } from '../infra/aws-errors.js';
import { callerIdentity } from '../infra/identity.js';
import { type Entry, holderText } from '../infra/lock/lease.js';
import { breakLock, glance, holderIn } from '../infra/lock/lock.js';
import type { Context } from './context.js';

/** Who holds the stack's lock now; undefined when nobody does. */
export interface LockHolder {
  readonly number: number;
  readonly text: string;
  readonly holder: Entry['lease'];
}

/** Looks who holds the lock. */
export async function lockHolder(context: Context): Promise<LockHolder | undefined> {
  const aws = await context.aws();
  try {
    const held = holderIn(await glance(aws), aws.now());
    return held && { number: held.number, text: holderText(held.lease), holder: held.lease };
  } catch (error) {
    throw explain(error, 'read the lock');
  }
}

/** Takes the lock away from whoever holds it. A run that still works notices, and goes on to its end. */
export async function unlock(context: Context): Promise<void> {
  const aws = await context.aws();
  try {
    const { arn } = await callerIdentity(aws);
    await breakLock(aws, 'infra unlock', arn);
  } catch (error) {
    throw explain(error, 'take the lock away');
  }
}
