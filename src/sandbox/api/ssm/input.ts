import { ApiError } from '../../protocol/api-error.js';

type Json = Readonly<Record<string, unknown>>;

/** Text of a member; undefined when it isn't there. */
export function asText(json: Json, name: string): string | undefined {
  const value = json[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new ApiError('SerializationException', `${name} is not a string.`);
}

export function needText(json: Json, name: string): string {
  const value = asText(json, name);
  if (value === undefined || value === '')
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
    );
  return value;
}

export function asNumber(json: Json, name: string): number | undefined {
  const value = json[name];
  return typeof value === 'number' ? value : undefined;
}

export const asFlag = (json: Json, name: string): boolean => json[name] === true;

export function asTexts(json: Json, name: string): readonly string[] {
  const value = json[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

export function asObjects(json: Json, name: string): readonly Json[] {
  const value = json[name];
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Json => typeof one === 'object' && one !== null);
}

/** One page of a list, with the token of the next. */
export function jsonPage<T>(
  json: Json,
  all: readonly T[],
  bounds: { readonly min: number; readonly max: number; readonly usual: number },
): { readonly found: readonly T[]; readonly NextToken: string | undefined } {
  const max = asNumber(json, 'MaxResults') ?? bounds.usual;
  if (max < bounds.min || max > bounds.max)
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value '${max}' at 'maxResults' failed to satisfy constraint: between ${bounds.min} and ${bounds.max}`,
    );
  const token = asText(json, 'NextToken');
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (!Number.isInteger(start)) throw new ApiError('InvalidNextToken', 'The specified token is not valid.');
  const end = start + max;
  const NextToken = end < all.length ? Buffer.from(String(end)).toString('base64') : undefined;
  return { found: all.slice(start, end), NextToken };
}

/** Times in JSON are seconds since 1970. */
export const seconds = (ms: number): number => ms / 1000;
