/** Somebody else's JSON object: nothing is known of its values. */
export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** The objects of a list, or none. */
export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** Trimmed text, or ''. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** A finite number, or undefined. */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Every object and list inside replaced by what `change` makes of it, from the inside out; scalars too. */
export function mapped(value: unknown, change: (value: unknown, key: string) => unknown, key = ''): unknown {
  if (Array.isArray(value))
    return change(
      value.map((one) => mapped(one, change, key)),
      key,
    );
  if (!isObject(value)) return change(value, key);
  const inner = Object.entries(value).map(([name, held]) => [name, mapped(held, change, name)]);
  return change(Object.fromEntries(inner), key);
}
