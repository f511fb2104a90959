import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type Filter,
  type Tag,
} from '@aws-sdk/client-ec2';
import { CloudopsError } from '../errors.js';
import { remove } from './ensure.js';
import { codeOf } from './faults.js';
import type { Aws } from './resource.js';
import { tagKeys, tagRecord } from './tags.js';
import { pause } from './wait.js';

export interface Removal {
  readonly what: string;
  /** Selects what may hold on to it: by `vpc-id`, `subnet-id` or `group-id`. */
  readonly filter: Filter;
  send(): Promise<unknown>;
  readonly signal: AbortSignal;
}

/** How long AWS may take to let go of a terminated instance's interfaces, in ms. */
const patience = 120_000;

/**
 * Deletes something that others may stand on. While only our own things hold on it waits for them to go; a foreign
 * holder is named in an error and never touched.
 */
export async function removeFrom(aws: Aws, removal: Removal): Promise<void> {
  for (let waited = 0; ; waited += 2_000) {
    try {
      await remove(aws, () => removal.send(), removal.signal);
      return;
    } catch (error) {
      if (codeOf(error) !== 'DependencyViolation') throw error;
      const holders = await foreignHolders(aws, removal.filter);
      if (holders.length > 0 || waited >= patience) throw held(removal.what, holders, error);
      await pause(aws, 2_000, removal.signal);
    }
  }
}

/** What isn't ours and stands on the thing, in the operator's words. */
async function foreignHolders(aws: Aws, filter: Filter): Promise<string[]> {
  const Filters = [filter];
  const [interfaces, groups] = await Promise.all([
    aws.ec2.read.send(new DescribeNetworkInterfacesCommand({ Filters })),
    filter.Name === 'vpc-id' ? aws.ec2.read.send(new DescribeSecurityGroupsCommand({ Filters })) : undefined,
  ]);
  const isForeign = (tags: readonly Tag[] | undefined): boolean =>
    tagRecord(tags)[tagKeys.stack] !== aws.stack;
  return [
    ...(interfaces.NetworkInterfaces ?? [])
      .filter((one) => isForeign(one.TagSet))
      .map((one) => {
        const user = one.Attachment?.InstanceId ?? one.Description ?? one.InterfaceType ?? 'unknown';
        return `network interface ${one.NetworkInterfaceId ?? ''} (${user}, owner ${one.RequesterId ?? one.OwnerId ?? 'unknown'})`;
      }),
    ...(groups?.SecurityGroups ?? [])
      .filter((one) => one.GroupName !== 'default' && isForeign(one.Tags))
      .map((one) => `security group ${one.GroupId ?? ''} (${one.GroupName ?? ''})`),
  ];
}

function held(what: string, holders: readonly string[], cause: unknown): CloudopsError {
  const names = holders.length > 0 ? `Held by ${holders.join(', ')}.` : 'AWS did not say what holds it.';
  return new CloudopsError({
    code: 'STILL_IN_USE',
    what: `The ${what} can't be deleted: something that isn't part of the stack uses it.`,
    why: `${names} AWS said DependencyViolation.`,
    fix: ['Remove what holds it, then run the same command again; what is gone stays gone.'],
    cause,
  });
}
