import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { integer, need, structs, text } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Call } from '../call.js';
import type { InstanceProfile, Role } from './model.js';

const noSuch = (what: string): ApiError => new ApiError('NoSuchEntity', `${what} cannot be found.`, 404);

/** The role of a call's RoleName. */
export function roleOf({ fields, iam }: Call): Role {
  const name = need(fields, 'RoleName');
  const role = Object.hasOwn(iam.roles, name.toLowerCase()) ? iam.roles[name.toLowerCase()] : undefined;
  if (role === undefined) throw noSuch(`The role with name ${name}`);
  return role;
}

/** The instance profile of a call's InstanceProfileName. */
export function profileOf({ fields, iam }: Call): InstanceProfile {
  const name = need(fields, 'InstanceProfileName');
  const profile = Object.hasOwn(iam.profiles, name.toLowerCase())
    ? iam.profiles[name.toLowerCase()]
    : undefined;
  if (profile === undefined)
    throw new ApiError('NoSuchEntity', `Instance Profile ${name} cannot be found.`, 404);
  return profile;
}

/** A name as IAM allows it. */
export function newName(fields: Fields, field: string, max: number): string {
  const name = need(fields, field);
  if (name.length > max || !/^[\w+=,.@-]+$/.test(name))
    throw new ApiError(
      'ValidationError',
      `The specified value for ${field.charAt(0).toLowerCase()}${field.slice(1)} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  return name;
}

export function newPath(fields: Fields): string {
  const path = text(fields, 'Path') ?? '/';
  if (!/^\/$|^\/[!-~]+\/$/.test(path))
    throw new ApiError('ValidationError', 'The specified value for path is invalid.');
  return path;
}

/** A policy document as it was given, when it is one. */
export function policyDocument(fields: Fields, field: string): string {
  const raw = need(fields, field);
  try {
    const parsed: unknown = JSON.parse(raw);
    if (typeof parsed === 'object' && parsed !== null && 'Statement' in parsed) return raw;
  } catch {
    // refused below, like JSON that is no policy
  }
  throw new ApiError('MalformedPolicyDocument', 'Syntax errors in policy.');
}

/** `Tags.member.N` of a call. */
export function readTags(fields: Fields): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const tag of structs(fields, 'Tags')) {
    const key = need(tag, 'Key');
    if (Object.keys(tags).some((one) => one.toLowerCase() === key.toLowerCase()))
      throw new ApiError(
        'InvalidInput',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      );
    if (key.toLowerCase().startsWith('aws:'))
      throw new ApiError('InvalidInput', `The tag key '${key}' starts with the reserved prefix aws:`);
    tags[key] = text(tag, 'Value') ?? '';
  }
  if (Object.keys(tags).length > 50)
    throw new ApiError('LimitExceeded', 'The number of tags has reached the maximum limit.', 409);
  return tags;
}

export const tagList = (tags: Readonly<Record<string, string>>): Answer =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** One page of a list, as IAM answers it: Marker and IsTruncated. */
export function paged(fields: Fields, name: string, all: readonly Answer[]): Answer {
  const max = integer(fields, 'MaxItems') ?? 100;
  if (max < 1 || max > 1000)
    throw new ApiError(
      'ValidationError',
      `Value '${max}' at 'maxItems' failed to satisfy constraint: between 1 and 1000`,
    );
  const marker = text(fields, 'Marker');
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, 'base64').toString());
  if (!Number.isInteger(start)) throw new ApiError('InvalidInput', 'Invalid Marker.');
  const end = start + max;
  const more = end < all.length;
  return {
    [name]: all.slice(start, end),
    IsTruncated: more,
    Marker: more ? Buffer.from(String(end)).toString('base64') : undefined,
  };
}

export const exists = (what: string): ApiError =>
  new ApiError('EntityAlreadyExists', `${what} already exists.`, 409);

export const conflict = (message: string): ApiError => new ApiError('DeleteConflict', message, 409);

export const encoded = (document: string): string => encodeURIComponent(document);
