import {
  CreateTagsCommand,
  DeleteTagsCommand,
  type Filter,
  type ResourceType,
  type Tag,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import { write } from './ensure.js';
import type { Aws } from './resource.js';

export const tagKeys = {
  stack: 'cloudops:stack',
  name: 'cloudops:name',
  role: 'cloudops:role',
  operation: 'cloudops:op',
  created: 'cloudops:created',
} as const;

export type Tags = Readonly<Record<string, string>>;

/** Only what carries the stack's tag. */
export function stackFilter(aws: Aws): Filter {
  return { Name: `tag:${tagKeys.stack}`, Values: [aws.stack] };
}

/** The wanted tags of a resource plus ours, as a list for a creating request. `more` are further tags of ours. */
export function allTags(
  aws: Aws,
  name: string,
  tags: Tags,
  more: Tags = {},
): { Key: string; Value: string }[] {
  const all = {
    ...tags,
    [tagKeys.stack]: aws.stack,
    [tagKeys.name]: name,
    [tagKeys.operation]: aws.operation,
    [tagKeys.created]: new Date().toISOString(),
    ...more,
  };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}

/** `allTags` as EC2 takes it. */
export function tagOnCreate(aws: Aws, type: ResourceType, name: string, tags: Tags): TagSpecification[] {
  return [{ ResourceType: type, Tags: allTags(aws, name, tags) }];
}

/** A list of tags as a record. */
export function tagRecord(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

/** The tags that the config decides: all but ours and AWS's own. */
export function ownTags(tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(cloudops|aws):/.test(key)));
}

/** Splits the changed paths below `prefix` into tags to set and keys to remove. */
export function tagChanges(
  tags: Tags,
  changed: readonly string[],
  prefix = 'tags.',
): { set: { Key: string; Value: string }[]; drop: string[] } {
  const keys = changed.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const set = keys.flatMap((Key) => (tags[Key] === undefined ? [] : [{ Key, Value: tags[Key] }]));
  return { set, drop: keys.filter((key) => tags[key] === undefined) };
}

/** Sets and removes the changed tags of an EC2 resource. */
export async function retag(
  aws: Aws,
  id: string,
  tags: Tags,
  changed: readonly string[],
  prefix = 'tags.',
): Promise<void> {
  const { set, drop } = tagChanges(tags, changed, prefix);
  const Resources = [id];
  if (set.length > 0) {
    await write(aws, () => aws.ec2.write.send(new CreateTagsCommand({ Resources, Tags: set })));
  }
  if (drop.length > 0) {
    const Tags = drop.map((Key) => ({ Key }));
    await write(aws, () => aws.ec2.write.send(new DeleteTagsCommand({ Resources, Tags })));
  }
}
