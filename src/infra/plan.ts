import { canonical, differences } from './diff.js';
import { type Kinds, kindOf } from './kinds.js';
import type { Actual, Address, Desired, FieldChange } from './resource.js';

export type Action = 'create' | 'update' | 'replace' | 'delete' | 'keep';

/** What is to happen to one resource. */
export interface Change {
  readonly address: Address;
  readonly kind: string;
  readonly name: string;
  readonly action: Action;
  /** The id of what is there. */
  readonly id?: string;
  /** As wanted; of a deletion, as it is. */
  readonly spec: object;
  readonly fields: readonly FieldChange[];
  /** What it stands on as wanted; empty for a deletion. */
  readonly needs: readonly Address[];
  /** What it stands on as it is: old parents can go only after it has let go. */
  readonly held: readonly Address[];
  /** The replaced resource that makes this one change too. */
  readonly because?: Address;
  /** True when a change in place stops a host for a while. */
  readonly stops: boolean;
  /** States and addresses of what is there. */
  readonly shows?: Readonly<Record<string, string>>;
}

/** What a run would do; a value that can be printed, compared and kept in a file. */
export interface Plan {
  readonly stack: string;
  readonly region: string;
  readonly changes: readonly Change[];
  /** True when nothing is to be done. */
  readonly empty: boolean;
  /** What the operator should know and the plan doesn't change, e.g. a newer image. */
  readonly notes: readonly string[];
}

export interface PlanInput {
  readonly stack: string;
  readonly region: string;
  readonly desired: readonly Desired[];
  readonly actual: readonly Actual[];
}

const byNumber = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });

const addressOf = ({ kind, name }: { kind: string; name: string }): Address => `${kind}/${name}`;

/** Pure: what turns `actual` into `desired`. In the order of `desired`, deletions last. */
export function plan(kinds: Kinds, { stack, region, desired, actual }: PlanInput): Plan {
  const present = new Map(actual.map((one) => [addressOf(one), one]));
  const wanted = new Set(desired.map(addressOf));
  const kept = desired.map((one) => compareOne(kinds, one, present.get(addressOf(one))));
  const order = [...kinds.keys()];
  const gone = actual
    .filter((one) => !wanted.has(addressOf(one)))
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || byNumber(a.name, b.name))
    .map((one) => deletion(kinds, one));
  const changes = [...renewed(kinds, spread(kinds, kept), desired), ...gone];
  return {
    stack,
    region,
    changes,
    empty: changes.every(({ action }) => action === 'keep'),
    notes: notesOn(desired, present),
  };
}

function compareOne(kinds: Kinds, desired: Desired, actual: Actual | undefined): Change {
  const kind = kindOf(kinds, desired.kind);
  const address = addressOf(desired);
  const base = { address, kind: desired.kind, name: desired.name, needs: kind.needs(desired.spec) };
  if (actual === undefined) {
    const fields = differences({}, desired.spec).map((one) => ({ ...one, replaces: false }));
    return { ...base, action: 'create', spec: desired.spec, fields, held: [], stops: false };
  }
  const spec = keepFixed(desired, actual);
  const replaceOn: readonly string[] = kind.replaceOn;
  const stopOn: readonly string[] = kind.stopOn ?? [];
  const fields = differences(actual.spec, spec).map((one): FieldChange => {
    const change = { ...one, replaces: replaceOn.includes(topOf(one.path)) };
    return { ...change, replaces: change.replaces || kind.mustReplace?.(change) === true };
  });
  const replaces = fields.some((one) => one.replaces);
  return {
    ...base,
    action: replaces ? 'replace' : fields.length > 0 ? 'update' : 'keep',
    id: actual.id,
    spec,
    fields,
    held: kind.needs(actual.spec),
    stops: !replaces && fields.some(({ path }) => stopOn.includes(topOf(path))),
    ...(actual.shows !== undefined && { shows: actual.shows }),
  };
}

const topOf = (path: string): string => path.split('.')[0] ?? path;

type Plain = Record<string, unknown>;

/** The wanted spec with the fields that were chosen at creation as they are. */
function keepFixed({ spec, fixed = [], among = {}, ifRead = [] }: Desired, actual: Actual): object {
  const merged: Plain = { ...spec };
  for (const field of ifRead) if ((actual.spec as Plain)[field] === undefined) merged[field] = undefined;
  for (const [field, values] of Object.entries(among)) {
    const was = (actual.spec as Plain)[field];
    if (typeof was === 'string' && values.includes(was)) merged[field] = was;
  }
  for (const path of fixed) {
    const [top = '', inner] = path.split('.');
    const was = (actual.spec as Plain)[top];
    // What can't be read back isn't compared.
    if (was === undefined) merged[top] = undefined;
    else
      merged[top] = inner === undefined ? was : { ...(merged[top] as Plain), [inner]: (was as Plain)[inner] };
  }
  return merged;
}

function deletion(kinds: Kinds, actual: Actual): Change {
  const held = kindOf(kinds, actual.kind).needs(actual.spec);
  const { kind, name, id, spec } = actual;
  const shows = actual.shows === undefined ? {} : { shows: actual.shows };
  const address = addressOf(actual);
  return {
    address,
    kind,
    name,
    action: 'delete',
    id,
    spec,
    fields: [],
    needs: [],
    held,
    stops: false,
    ...shows,
  };
}

/** A replacement is made anew, with what would be chosen now. */
function renewed(kinds: Kinds, changes: readonly Change[], desired: readonly Desired[]): Change[] {
  const wanted = new Map(desired.map((one) => [addressOf(one), one.spec]));
  return changes.map((change) => {
    const spec = change.action === 'replace' ? wanted.get(change.address) : undefined;
    return spec === undefined ? change : { ...change, spec, needs: kindOf(kinds, change.kind).needs(spec) };
  });
}

/** A replacement replaces what stands on it, and updates what merely refers to it. */
function spread(kinds: Kinds, changes: readonly Change[]): Change[] {
  let current = [...changes];
  for (;;) {
    const replaced = new Set(
      current.filter(({ action }) => action === 'replace').map(({ address }) => address),
    );
    const next = current.map((change) => follow(kinds, change, replaced));
    if (next.every((change, index) => change === current[index])) return next;
    current = next;
  }
}

function follow(kinds: Kinds, change: Change, replaced: ReadonlySet<Address>): Change {
  if (change.action !== 'keep' && change.action !== 'update') return change;
  const kind = kindOf(kinds, change.kind);
  const standsOn = kind.standsOn?.(change.spec) ?? kind.needs(change.spec);
  const floor = standsOn.find((address) => replaced.has(address));
  if (floor !== undefined) {
    const field = referring(change, floor, true);
    return {
      ...change,
      action: 'replace',
      because: floor,
      stops: false,
      fields: merged(change.fields, field),
    };
  }
  const renewed = change.needs.find((address) => replaced.has(address));
  if (renewed === undefined || change.because !== undefined) return change;
  const field = referring(change, renewed, false);
  return { ...change, action: 'update', because: renewed, fields: merged(change.fields, field) };
}

/** The field of a change that names `address`, as a difference from the old thing to the new one. */
function referring({ spec }: Change, address: Address, replaces: boolean): FieldChange {
  const names = (value: unknown): boolean => canonical(value ?? null).includes(address);
  const path = Object.keys(spec).find((key) => names((spec as Plain)[key])) ?? 'needs';
  return { path, from: address, to: `${address} (new)`, replaces };
}

function merged(fields: readonly FieldChange[], more: FieldChange): FieldChange[] {
  return [...fields.filter(({ path }) => path !== more.path), more];
}

const imageOf = (spec: object | undefined): string | undefined =>
  (spec as { readonly image?: string } | undefined)?.image;

function notesOn(desired: readonly Desired[], present: ReadonlyMap<Address, Actual>): string[] {
  const newer = desired.flatMap((one) => {
    const actual = present.get(addressOf(one));
    const [was, now] = [actual?.spec, one.spec].map((spec) => imageOf(spec));
    const differs = one.fixed?.includes('image') === true && was !== undefined && was !== now;
    return differs ? [`${addressOf(one)} runs ${was}; the image chosen now is ${now ?? 'none'}`] : [];
  });
  return newer.length === 0 ? [] : [`${newer.join('; ')}. An image is kept for the life of an instance.`];
}
