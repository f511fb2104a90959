import { readFileSync, statSync } from 'node:fs';
import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { Problem } from './problem.js';

/** A config file as plain data that knows where each key stands. */
export interface YamlFile {
  readonly data: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  /** The line of a key, 1 for the file as a whole. */
  lineOf(path: readonly PropertyKey[]): number;
}

const maxBytes = 1024 * 1024;
const maxAliases = 100;

/** Reads and parses a file; whatever is wrong with it is a problem, never an exception. */
export function readYaml(path: string, name: string): YamlFile {
  const read = readText(path);
  if (typeof read === 'string') return parseYaml(read, name);
  return nothing([{ where: name, line: 0, key: '', message: read.problem }]);
}

/** Parses the text of a file called `name`. */
export function parseYaml(text: string, name: string): YamlFile {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    logLevel: 'error',
  });
  const problems = [...document.errors, ...document.warnings].map(({ code, message, pos }) => {
    const { line } = counter.linePos(pos[0]);
    return { where: `${name}:${line}`, line, key: '', message: syntaxMessage(code, message) };
  });
  if (problems.length > 0) return nothing(problems);
  const data = plainData(document);
  if ('problem' in data) return nothing([{ where: `${name}:1`, line: 1, key: '', message: data.problem }]);
  return { data: data.data, problems: [], lineOf: (keys) => lineOf(document, counter, keys) };
}

function nothing(problems: readonly Problem[]): YamlFile {
  return { data: {}, problems, lineOf: () => 1 };
}

function readText(path: string): string | { problem: string } {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return { problem: 'is a directory; name the file in it' };
    if (stats.size > maxBytes) return { problem: 'is larger than 1 MB; this is no configuration' };
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { problem: "doesn't exist; 'cloudops init' writes one" };
    }
    if (code === 'EACCES' || code === 'EPERM') return { problem: 'may not be read by this user' };
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { problem: 'is not UTF-8 text; save it as UTF-8' };
    return { problem: `can't be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function plainData(document: Document.Parsed): { data: Record<string, unknown> } | { problem: string } {
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return { data: {} };
  }
  if (!isMap(document.contents)) return { problem: 'must hold keys and values, such as project: demo' };
  try {
    return { data: document.toJS({ maxAliasCount: maxAliases }) as Record<string, unknown> };
  } catch (error) {
    return {
      problem: `aliases can't be resolved: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function syntaxMessage(code: string, message: string): string {
  const text = message.replace(/\n[\s\S]*$/, '');
  if (code === 'TAB_AS_INDENT') return 'is indented with a tab; use spaces';
  if (code === 'DUPLICATE_KEY') return 'a key stands twice in the same place; keep one';
  if (code === 'MULTIPLE_DOCS') return "holds several documents; remove the line '---' between them";
  return `is not valid YAML: ${text}`;
}

/** The line of the deepest part of the path that is in the document. */
function lineOf(document: Document.Parsed, counter: LineCounter, path: readonly PropertyKey[]): number {
  let line = 1;
  let node: unknown = document.contents;
  for (const part of path) {
    const found = child(node, part);
    if (found === undefined) break;
    if (found.start !== undefined) line = counter.linePos(found.start).line;
    node = found.node;
  }
  return Math.max(1, line);
}

function child(node: unknown, part: PropertyKey): { start: number | undefined; node: unknown } | undefined {
  const items = (node as { items?: unknown[] } | null | undefined)?.items;
  if (items === undefined) return undefined;
  if (typeof part === 'number') {
    const item = items[part] as { range?: [number, number, number] | null } | undefined;
    return item === undefined ? undefined : { start: item.range?.[0], node: item };
  }
  for (const pair of items) {
    if (!isPair(pair) || !isScalar(pair.key) || String(pair.key.value) !== String(part)) continue;
    return { start: pair.key.range?.[0], node: pair.value };
  }
  return undefined;
}
