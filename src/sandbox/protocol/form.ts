import { ApiError } from './api-error.js';

/** A parameter as a nested value: text, a list, or named fields. */
export type Value = string | readonly Value[] | Fields;
export interface Fields {
  readonly [name: string]: Value | undefined;
}

interface Branch {
  [name: string]: string | Branch;
}

const newBranch = (): Branch => Object.create(null) as Branch;

/**
 * Turns the flat parameters of a query request into nested values:
 * `Filter.1.Value.2=x` and IAM's `Tags.member.1.Key=k` alike.
 */
export function parseForm(body: string): Fields {
  const root = newBranch();
  for (const [name, value] of new URLSearchParams(body)) insert(root, name.split('.'), value);
  return grow(root) as Fields;
}

function insert(root: Branch, path: readonly string[], value: string): void {
  let branch = root;
  for (const part of path.slice(0, -1)) {
    const next = branch[part] ?? newBranch();
    if (typeof next === 'string')
      throw new ApiError('InvalidParameterCombination', `${path.join('.')} is given twice.`);
    branch[part] = next;
    branch = next;
  }
  branch[path[path.length - 1] ?? ''] = value;
}

function grow(branch: Branch | string): Value {
  if (typeof branch === 'string') return branch;
  const names = Object.keys(branch);
  const member = names.length === 1 ? branch['member'] : undefined;
  if (member !== undefined && typeof member !== 'string') return grow(member);
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name)))
    return names.sort((a, b) => Number(a) - Number(b)).map((name) => grow(branch[name] ?? ''));
  const fields = Object.create(null) as Record<string, Value>;
  for (const name of names) fields[name] = grow(branch[name] ?? '');
  return fields;
}
