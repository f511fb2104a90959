import { bySeniority } from './elect.js';
import type { Kinds } from './kinds.js';
import type { Actual, Aws, Found, NameOf, ResourceKind } from './resource.js';

interface Seen extends Found<unknown> {
  readonly kind: ResourceKind;
}

/**
 * Everything that carries the stack's tag, in our own words: all kinds at once, one or two calls each. Of several
 * things with one address one keeps it: that stands on other winners, that most builds on, the oldest. The rest are
 * named `name@id`. `lean` reads only what a deletion needs.
 */
export async function discover(kinds: Kinds, aws: Aws, lean = false): Promise<Actual[]> {
  const lists = await Promise.all(
    [...kinds.values()].map(async (kind) => {
      const found = await kind.list(aws, lean);
      return found.map((one): Seen => ({ ...one, kind }));
    }),
  );
  return translate(lists);
}

/** Pure: kinds come in the order of dependence, so that parents have their names before their children are read. */
function translate(lists: readonly (readonly Seen[])[]): Actual[] {
  const names = new Map<string, string>();
  const nameOf: NameOf = (kind, id) => (id === undefined ? undefined : (names.get(`${kind} ${id}`) ?? id));
  const weights = weigh(lists.flat());
  const settled = lists.map((seen) => {
    const named = settleNames(seen, nameOf, weights);
    for (const { kind, id, name } of named) names.set(`${kind.kind} ${id}`, `${kind.kind}/${name}`);
    return named;
  });
  return settled.flat().map(({ kind, name, id, raw }) => ({
    kind: kind.kind,
    name,
    id,
    spec: kind.read(raw, nameOf),
    ...(kind.shows !== undefined && { shows: kind.shows(raw) }),
  }));
}

/** By id, how much else stands on a thing, in AWS's own words. */
function weigh(seen: readonly Seen[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const { kind, raw } of seen) {
    for (const id of kind.needs(kind.read(raw, (_kind, known) => known))) {
      weights.set(id, (weights.get(id) ?? 0) + 1);
    }
  }
  return weights;
}

function settleNames(seen: readonly Seen[], nameOf: NameOf, weights: ReadonlyMap<string, number>): Seen[] {
  const rank = (one: Seen): number =>
    one.kind.needs(one.kind.read(one.raw, nameOf)).some((address) => /@/.test(address)) ? 1 : 0;
  const weightOf = (id: string): number => weights.get(id) ?? 0;
  const candidates = seen
    .map((one) => ({ one, id: one.id, tags: one.kind.tagsOf(one.raw), rank: rank(one) }))
    .sort((a, b) => a.rank - b.rank || weightOf(b.id) - weightOf(a.id) || bySeniority(a, b));
  const taken = new Set<string>();
  return candidates.map(({ one }) => {
    if (taken.has(one.name)) return { ...one, name: `${one.name}@${one.id}` };
    taken.add(one.name);
    return one;
  });
}
