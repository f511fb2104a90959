/** One difference between what is and what is wanted, by dotted path. */
export interface Difference {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

type Plain = Readonly<Record<string, unknown>>;

/**
 * Field by field how `to` differs from `from`. A top-level field that `to` leaves undefined isn't decided and so
 * never differs; records are compared key by key, lists as a whole.
 */
export function differences(from: object, to: object): Difference[] {
  const wanted = to as Plain;
  const decided = Object.keys(wanted).filter((key) => wanted[key] !== undefined);
  return decided.flatMap((key) => compare(key, (from as Plain)[key], wanted[key]));
}

function compare(path: string, from: unknown, to: unknown): Difference[] {
  if (isRecord(from) && isRecord(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
    return keys.flatMap((key) => compare(`${path}.${key}`, from[key], to[key]));
  }
  return canonical(from) === canonical(to) ? [] : [{ path, from, to }];
}

/** Serialised with sorted keys: equal for equal values. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

function isRecord(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
