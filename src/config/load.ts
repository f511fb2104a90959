import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { beside } from './beside.js';
import { wordIssue } from './issues.js';
import { configInvalid, keyText, type Problem } from './problem.js';
import { readYaml, type YamlFile } from './read-yaml.js';
import { type Config, configSchema } from './schema.js';

/** The name that is looked for, from the working directory upwards. */
export const configFileName = 'cloudops.yaml';

/** A value that beats the file's: from a flag or a variable. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Shown when the value is wrong: `--project`. */
  readonly from: string;
}

export interface LoadOptions {
  readonly cwd: string;
  /** A file named by the operator; it must exist. */
  readonly file?: string | undefined;
  readonly overrides?: readonly Override[];
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute path; undefined when there is no file and all values are defaults. */
  readonly file: string | undefined;
}

/** The checked configuration. Throws one `CONFIG_INVALID` (exit 2) that names every problem by file, line and key. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { cwd, overrides = [] } = options;
  const file = options.file === undefined ? findConfig(cwd) : resolve(cwd, options.file);
  const name = file === undefined ? 'no file' : shortName(cwd, file);
  const yaml = file === undefined ? undefined : readYaml(file, name);
  if (yaml !== undefined && yaml.problems.length > 0) throw configInvalid(name, yaml.problems);
  const checked = check(withOverrides(yaml?.data ?? {}, overrides), { yaml, name, overrides });
  if ('problems' in checked) throw configInvalid(name, checked.problems);
  return { config: file === undefined ? checked.config : beside(dirname(file), checked.config), file };
}

/** Checks values on their own, without any file; throws as `loadConfig` does. */
export function checkValues(overrides: readonly Override[]): LoadedConfig {
  const checked = check(withOverrides({}, overrides), { yaml: undefined, name: 'flags', overrides });
  if ('problems' in checked) throw configInvalid('flags', checked.problems);
  return { config: checked.config, file: undefined };
}

/** The nearest config file from a folder upwards. */
export function findConfig(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, configFileName);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return undefined;
  }
}

function shortName(cwd: string, file: string): string {
  const short = relative(cwd, file);
  return short.startsWith(join('..', '..', '..')) ? file : short;
}

interface Source {
  readonly yaml: YamlFile | undefined;
  readonly name: string;
  readonly overrides: readonly Override[];
}

function check(data: unknown, source: Source): { config: Config } | { problems: readonly Problem[] } {
  const first = configSchema.safeParse(data, { reportInput: true });
  if (first.success) return { config: first.data };
  // Checks that span several keys run only on well-formed data, so they get a second look without the bad keys.
  const second = configSchema.safeParse(without(data, first.error.issues.flatMap(wordIssue)), {
    reportInput: true,
  });
  const bad = new Set(
    first.error.issues.filter(({ code }) => code !== 'unrecognized_keys').map(({ path }) => path[0]),
  );
  const later = second.success ? [] : second.error.issues.filter(({ path }) => !bad.has(path[0]));
  const problems = [...first.error.issues, ...later].flatMap(wordIssue).map(({ path, message }) => {
    const override = source.overrides.find((one) => path.join('.').startsWith(one.path.join('.')));
    if (override !== undefined) return { where: override.from, line: 0, key: keyText(path), message };
    const line = source.yaml?.lineOf(path) ?? 0;
    return { where: line === 0 ? source.name : `${source.name}:${line}`, line, key: keyText(path), message };
  });
  return { problems };
}

function withOverrides(data: Readonly<Record<string, unknown>>, overrides: readonly Override[]): unknown {
  const copy = structuredClone(data) as Record<string, unknown>;
  for (const { path, value } of overrides) {
    let section = copy;
    for (const part of path.slice(0, -1)) {
      const inner: unknown = (section[part] ??= {});
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) break;
      section = inner as Record<string, unknown>;
    }
    const last = path.at(-1);
    if (last !== undefined) section[last] = value;
  }
  return copy;
}

function without(data: unknown, bad: readonly { readonly path: readonly PropertyKey[] }[]): unknown {
  const copy = structuredClone(data);
  for (const { path } of bad) {
    const [last, ...parents] = [...path].reverse();
    let node: unknown = copy;
    for (const part of parents.reverse()) node = (node as Record<PropertyKey, unknown> | undefined)?.[part];
    // An index is emptied, not removed: the indexes after it keep their lines.
    if (last !== undefined && typeof node === 'object' && node !== null && !Array.isArray(node)) {
      Reflect.deleteProperty(node, last);
    }
  }
  return copy;
}
