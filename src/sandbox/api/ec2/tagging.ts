import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { structs, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Tags } from './model.js';

/** The tags of one resource type in a create call's TagSpecification; types not allowed are refused. */
export function tagsFor(fields: Fields, type: string, allowed: readonly string[] = [type]): Tags {
  const tags: Tags = {};
  for (const specification of structs(fields, 'TagSpecification')) {
    const given = text(specification, 'ResourceType') ?? '';
    if (!allowed.includes(given))
      throw new ApiError(
        'InvalidParameterValue',
        `'${given}' is not a valid taggable resource type for this operation.`,
      );
    if (given === type) Object.assign(tags, readTags(specification));
  }
  return tags;
}

/** `Tag.N.Key` and `Tag.N.Value`, within EC2's limits. */
export function readTags(fields: Fields): Tags {
  const tags: Tags = {};
  for (const tag of structs(fields, 'Tag')) {
    const key = text(tag, 'Key') ?? '';
    const value = text(tag, 'Value') ?? '';
    if (Object.hasOwn(tags, key))
      throw new ApiError('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    checkTag(key, value);
    tags[key] = value;
  }
  checkCount(tags);
  return tags;
}

export function checkCount(tags: Tags): void {
  if (Object.keys(tags).length > 50)
    throw new ApiError('TagLimitExceeded', 'You have reached the maximum number of tags allowed.');
}

function checkTag(key: string, value: string): void {
  if (key === '') throw new ApiError('InvalidParameterValue', 'Tag key must not be empty.');
  if (key.toLowerCase().startsWith('aws:'))
    throw new ApiError(
      'InvalidParameterValue',
      `Tag keys starting with 'aws:' are reserved for internal use`,
    );
  if (key.length > 127)
    throw new ApiError('InvalidParameterValue', `Tag key exceeds the maximum length of 127 characters`);
  if (value.length > 255)
    throw new ApiError('InvalidParameterValue', `Tag value exceeds the maximum length of 255 characters`);
}

/** Tags as EC2 answers them. */
export const tagSet = (tags: Tags): Answer => Object.entries(tags).map(([key, value]) => ({ key, value }));
