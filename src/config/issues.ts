import type * as z from 'zod';
import { suggest } from './suggest.js';
import { configSchema } from './schema.js';

type Issue = z.core.$ZodIssue;

/** A schema issue in words, at the key it is about. */
export interface Wording {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** One or more wordings of an issue: an issue about unknown keys names several. */
export function wordIssue(issue: Issue): readonly Wording[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(issue.path, key) }));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({ path: issue.path, message: inner.message }));
  }
  return [{ path: issue.path, message: message(issue) }];
}

function message(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue);
    case 'invalid_value':
      return wrongValue(issue);
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${limit(issue, issue.minimum)}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${limit(issue, issue.maximum)}`;
    case 'invalid_format':
      if (issue.format === 'url') return 'must be a URL such as https://mirror.example/releases';
      if (issue.format === 'starts_with') return "must start with '/'";
      return issue.message;
    default:
      return issue.message;
  }
}

function limit(issue: { readonly origin: string }, bound: number | bigint): string {
  if (issue.origin === 'string') return `${bound} characters long`;
  if (issue.origin === 'array') return `${bound} entries`;
  return String(bound);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: "a list (a line starting with '- ' for each entry)",
  object: 'a section (indented keys under it)',
  record: 'a section (indented keys under it)',
};

function wrongType(issue: Issue & { code: 'invalid_type' }): string {
  const wanted = typeNames[issue.expected] ?? issue.expected;
  const { input } = issue;
  if (input === null) return `has no value; give ${wanted}, or remove the key to get the default`;
  const quotable = typeof input === 'number' || typeof input === 'boolean';
  const hint = issue.expected === 'string' && quotable ? `; put it in quotes: "${input}"` : '';
  return `must be ${wanted}, not ${inWords(input)}${hint}`;
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  if (typeof value === 'string') return `the text '${clip(value)}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value;
}

function wrongValue(issue: Issue & { code: 'invalid_value' }): string {
  const values = issue.values.map(String);
  const near = typeof issue.input === 'string' ? suggest(issue.input, values) : undefined;
  return `must be ${values.join(' or ')}${near === undefined ? '' : `; did you mean '${near}'?`}`;
}

function unknownKey(path: readonly PropertyKey[], key: string): string {
  const known = knownKeys(path);
  const near = suggest(key, known);
  if (near !== undefined) return `is an unknown key; did you mean '${near}'?`;
  if (known.length === 0) return 'is an unknown key';
  return `is an unknown key; known here: ${known.join(', ')}`;
}

/** The keys that the schema has at a path. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema;
  for (const part of path) {
    const shape = shapeOf(schema);
    schema = typeof part === 'string' && shape !== undefined ? shape[part] : undefined;
  }
  return Object.keys(shapeOf(schema) ?? {});
}

/** The keys of an object schema under its default, prefault and optional wrappers. */
export function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  let inner = schema as { shape?: Record<string, unknown>; def?: { innerType?: unknown } } | undefined;
  while (inner !== undefined && inner.shape === undefined) inner = inner.def?.innerType as typeof inner;
  return inner?.shape;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
