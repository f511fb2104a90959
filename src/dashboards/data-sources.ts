import type { CloudopsError } from '../errors.js';
import type { DashboardJson, DataSource } from './grafana.js';
import { type Fields, isObject, list, mapped, text } from './json.js';
import { bad, type DashboardFile } from './parse.js';
import { variablesOf } from './queries.js';

/** The data source that `monitoring configure` provisions, by its fixed uid. */
export const prometheusUid = 'prometheus';

/** Names that Grafana gives to what is no data source of its own. */
const builtIn = new Set([
  'grafana',
  '-- Grafana --',
  '-- Mixed --',
  '-- Dashboard --',
  '__expr__',
  'default',
]);

interface Finder {
  readonly source: string;
  readonly sources: readonly DataSource[];
  /** What the operator said: a name, uid or input -> the uid to use. */
  readonly given: ReadonlyMap<string, string>;
}

/**
 * The file with every data source a real uid: `__inputs` and `${DS_*}`, names in place of uids, and what the operator
 * mapped. Each replacement is told in `resolved`. Throws DASHBOARD_DATA_SOURCE for one that isn't there.
 */
export function resolveDataSources(
  file: DashboardFile,
  sources: readonly DataSource[],
  given: ReadonlyMap<string, string> = new Map(),
): DashboardFile {
  const { __inputs, __requires, __elements, ...rest } = file.content;
  const finder: Finder = { source: file.source, sources, given };
  const told = new Set<string>();
  const values = inputValues(finder, rest, __inputs);
  for (const [name, { uid, source }] of values) {
    told.add(source ? `\${${name}} is data source '${uid}'` : `\${${name}} is '${uid}'`);
  }
  const replaced = mapped(rest, (value) => (typeof value === 'string' ? inPlace(value, values) : value));
  const content = mapped(replaced, (value, key) =>
    key === 'datasource' ? reference(finder, value, told) : value,
  ) as DashboardJson;
  return { ...file, content, resolved: [...told] };
}

interface InputValue {
  readonly uid: string;
  /** False for a constant. */
  readonly source: boolean;
}

function inputValues(finder: Finder, dashboard: Fields, inputs: unknown): Map<string, InputValue> {
  const values = new Map<string, InputValue>();
  for (const input of list(inputs)) {
    const name = text(input['name']);
    if (name !== '') values.set(name, inputValue(finder, name, input));
  }
  const variables = new Set(variablesOf(dashboard).map((variable) => text(variable['name'])));
  for (const [, name = ''] of JSON.stringify(dashboard).matchAll(/\$\{(DS_[A-Za-z0-9_-]+)\}/g)) {
    if (!values.has(name) && !variables.has(name)) {
      values.set(name, { uid: theOne(finder, 'prometheus', `\${${name}}`), source: true });
    }
  }
  return values;
}

function inputValue(finder: Finder, name: string, input: Fields): InputValue {
  const given = finder.given.get(name);
  if (input['type'] === 'datasource') {
    return {
      uid: given ?? theOne(finder, text(input['pluginId']) || 'prometheus', `\${${name}}`),
      source: true,
    };
  }
  const value = given ?? (typeof input['value'] === 'string' ? input['value'] : undefined);
  if (value !== undefined) return { uid: value, source: false };
  throw unresolved(finder, `wants a value for \${${name}} and gives no default`, name);
}

/** The data source of a type: the only one, ours, or the default one. */
function theOne(finder: Finder, type: string, asked: string): string {
  const given = finder.given.get(asked.replace(/^\$\{(.*)\}$/, '$1'));
  if (given !== undefined) return given;
  const found = finder.sources.filter((one) => one.type === type);
  const chosen =
    found.length === 1
      ? found[0]
      : (found.find(({ uid }) => uid === prometheusUid) ?? found.find(({ isDefault }) => isDefault));
  if (chosen !== undefined) return chosen.uid;
  const why = found.length === 0 ? 'there is none' : `there are ${found.length}, and none is the default`;
  throw unresolved(
    finder,
    `wants a data source of type '${type}' for ${asked}; ${why}`,
    asked.replace(/[${}]/g, ''),
  );
}

function inPlace(value: string, values: ReadonlyMap<string, InputValue>): string {
  return value.replaceAll(/\$\{([A-Za-z0-9_-]+)\}/g, (whole, name: string) => values.get(name)?.uid ?? whole);
}

/** The value of a key `datasource`, as Grafana wants it. */
function reference(finder: Finder, value: unknown, told: Set<string>): unknown {
  if (typeof value === 'string') {
    if (value === '' || value.startsWith('$') || builtIn.has(value)) return value;
    const { uid, type } = known(finder, value, undefined);
    if (uid !== value) told.add(`data source '${value}' is '${uid}'`);
    return { type, uid };
  }
  if (!isObject(value)) return value;
  const uid = text(value['uid']);
  if (uid === '' || uid.startsWith('$') || builtIn.has(uid) || builtIn.has(text(value['type']))) return value;
  const found = known(finder, uid, text(value['type']) || undefined);
  if (found.uid !== uid) told.add(`data source '${uid}' is '${found.uid}'`);
  return { ...value, uid: found.uid };
}

function known(finder: Finder, asked: string, type: string | undefined): DataSource {
  const wanted = finder.given.get(asked) ?? asked;
  const found =
    finder.sources.find(({ uid }) => uid === wanted) ?? finder.sources.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw unresolved(
    finder,
    `uses the data source '${asked}'${type ? ` of type '${type}'` : ''}, which isn't there`,
    asked,
  );
}

function unresolved({ source, sources }: Finder, why: string, name: string): CloudopsError {
  const there = sources.map(({ uid, name: called, type }) => `'${uid}' (${called}, ${type})`).join(', ');
  const fix = `Say which one to use, '--data-source ${name}=UID', or write its uid into the file. There is: ${there || 'no data source'}.`;
  return bad('DASHBOARD_DATA_SOURCE', source, `${why}.`, fix);
}

/** `NAME=UID` words as a map; throws DATA_SOURCE_FLAG for a word without both. */
export function givenSources(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const cut = word.lastIndexOf('=');
      if (cut > 0 && cut < word.length - 1) return [word.slice(0, cut), word.slice(cut + 1)] as const;
      throw bad('DATA_SOURCE_FLAG', `'--data-source ${word}'`, 'is not NAME=UID.', 'Give a name and a uid.');
    }),
  );
}
