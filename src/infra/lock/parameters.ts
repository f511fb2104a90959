import {
  DeleteParametersCommand,
  paginateGetParametersByPath,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { codeOf, isAmbiguous } from '../faults.js';
import { gather } from '../pages.js';
import type { Aws } from '../resource.js';
import { type Entry, type Lease, parseLease } from './lease.js';

/** Where a stack's leases are kept; the path says whose they are, so they carry no tags and need no right to tag: one parameter a number, `/cloudops/smartcloudops-dev/lock/7`. */
const folder = (aws: Aws): string => `/cloudops/${aws.stack}/lock`;
const nameOf = (aws: Aws, number: number): string => `${folder(aws)}/${number}`;

/** All leases, the newest last. One call for up to ten. */
export async function readEntries(aws: Aws): Promise<readonly Entry[]> {
  const Path = folder(aws);
  const found = await gather(
    paginateGetParametersByPath({ client: aws.ssm.read }, { Path, MaxResults: 10 }),
    (page) => page.Parameters,
  );
  return found
    .map(({ Name = '', Value, LastModifiedDate }) => ({
      number: Number(Name.slice(Path.length + 1)),
      lease: parseLease(Value),
      modified: LastModifiedDate?.getTime() ?? 0,
    }))
    .filter(({ number }) => Number.isInteger(number) && number > 0)
    .sort((a, b) => a.number - b.number);
}

/**
 * Takes a number; false when it is taken. Of many who try at once exactly one gets true. A try whose answer got lost is
 * repeated and then finds its own lease: who gets false looks whether it is theirs.
 */
export async function claim(aws: Aws, number: number, lease: Lease): Promise<boolean> {
  try {
    await put(aws, number, lease, false);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ParameterAlreadyExists' || isAmbiguous(error)) return false;
    throw error;
  }
}

/** Writes anew what this run holds: to renew it, or to give it back. */
export async function overwrite(aws: Aws, number: number, lease: Lease): Promise<void> {
  await put(aws, number, lease, true);
}

async function put(aws: Aws, number: number, lease: Lease, Overwrite: boolean): Promise<void> {
  const input = { Name: nameOf(aws, number), Value: JSON.stringify(lease), Type: 'String' } as const;
  await aws.ssm.read.send(new PutParameterCommand({ ...input, Overwrite }));
}

/** Deletes leases that nobody holds any more. */
export async function forget(aws: Aws, numbers: readonly number[]): Promise<void> {
  for (let at = 0; at < numbers.length; at += 10) {
    const Names = numbers.slice(at, at + 10).map((number) => nameOf(aws, number));
    await aws.ssm.read.send(new DeleteParametersCommand({ Names }));
  }
}
