import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { integer, need, structs, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import { notFound } from './errors.js';
import type { Tags } from './model.js';

/** The values a filter compares with; several where a resource has several. */
export type FilterTable<T> = Readonly<
  Record<string, (one: T) => string | number | boolean | undefined | readonly (string | undefined)[]>
>;

/** What a Describe call of one kind needs to know of that kind. */
export interface Describable<T> {
  /** Name of the list of ids among the parameters, and the prefix of such ids. */
  readonly ids?: { readonly parameter: string; readonly prefix: string; readonly of: (one: T) => string };
  readonly filters: FilterTable<T>;
  readonly tags?: (one: T) => Tags;
  readonly page?: { readonly min: number; readonly max: number };
}

/** The resources a Describe call asks for: by id, filtered, one page, with the token of the next. */
export function select<T>(
  fields: Fields,
  all: readonly T[],
  kind: Describable<T>,
): { readonly found: readonly T[]; readonly nextToken: string | undefined } {
  const named = byIds(fields, all, kind);
  const found = named.filter(filterOf(fields, kind));
  return page(fields, found, kind);
}

function byIds<T>(fields: Fields, all: readonly T[], { ids }: Describable<T>): readonly T[] {
  if (ids === undefined) return all;
  const wanted = texts(fields, ids.parameter);
  if (wanted.length === 0) return all;
  if (text(fields, 'MaxResults') !== undefined)
    throw new ApiError(
      'InvalidParameterCombination',
      `The parameter ${ids.parameter} cannot be used with the parameter MaxResults`,
    );
  const known = new Map(all.map((one) => [ids.of(one), one]));
  return [...new Set(wanted)].map((id) => {
    const one = known.get(id);
    if (one === undefined) throw notFound(ids.prefix, id);
    return one;
  });
}

/** A test for all `Filter.N` of a call: every filter must match, any of its values will do. */
export function filterOf<T>(fields: Fields, kind: Describable<T>): (one: T) => boolean {
  const tests = structs(fields, 'Filter').map((filter) => {
    const name = need(filter, 'Name');
    const patterns = texts(filter, 'Value').map(pattern);
    const values = valuesOf(name, kind);
    return (one: T) => values(one).some((value) => patterns.some((matches) => matches.test(value)));
  });
  return (one) => tests.every((test) => test(one));
}

function valuesOf<T>(name: string, kind: Describable<T>): (one: T) => readonly string[] {
  const { tags, filters } = kind;
  if (tags !== undefined && name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (one) => Object.entries(tags(one)).flatMap(([k, v]) => (k === key ? [v] : []));
  }
  if (tags !== undefined && name === 'tag-key') return (one) => Object.keys(tags(one));
  const read = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (read === undefined) throw new ApiError('InvalidParameterValue', `The filter '${name}' is invalid`);
  return (one) =>
    [read(one)]
      .flat()
      .filter((value) => value !== undefined)
      .map(String);
}

/** A filter value: `*` any text, `?` one character, a backslash takes both literally. */
export function pattern(value: string): RegExp {
  const source = value.replace(/\\([*?\\])|[.+^${}()|[\]\\*?]/g, (char, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (char === '*') return '.*';
    return char === '?' ? '.' : `\\${char}`;
  });
  return new RegExp(`^${source}$`, 's');
}

function page<T>(
  fields: Fields,
  found: readonly T[],
  kind: Describable<T>,
): { found: readonly T[]; nextToken: string | undefined } {
  const limits = kind.page;
  if (limits === undefined) return { found, nextToken: undefined };
  const max = integer(fields, 'MaxResults');
  if (max !== undefined && (max < limits.min || max > limits.max))
    throw new ApiError(
      'InvalidParameterValue',
      `Value ( ${max} ) for parameter maxResults is invalid. Expecting a value between ${limits.min} and ${limits.max}.`,
    );
  const start = readToken(text(fields, 'NextToken'));
  const end = start + (max ?? 1000);
  return { found: found.slice(start, end), nextToken: end < found.length ? writeToken(end) : undefined };
}

const writeToken = (start: number): string => Buffer.from(`next:${start}`).toString('base64');

function readToken(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  const match = /^next:(\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (match === null) throw new ApiError('InvalidNextToken', 'The token is invalid.');
  return Number(match[1]);
}

/** A Describe answer: the rendered list under its name, and the token. */
export function listed<T>(
  name: string,
  selected: { readonly found: readonly T[]; readonly nextToken: string | undefined },
  render: (one: T) => Answer,
): Answer {
  return { [name]: selected.found.map(render), nextToken: selected.nextToken };
}

/** Page bounds of most Describe calls. */
export const PAGE = { min: 5, max: 1000 } as const;

export const DONE: Answer = { return: true };
