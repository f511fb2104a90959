import { createRequire } from 'node:module';
import type { EditorState as State } from '@codemirror/state';
import type { SyntaxNode, Tree } from '@lezer/common';

// All of one kind, CommonJS: the checker is published so, and a second copy of the editor's state would be a stranger to it.
const require = createRequire(import.meta.url);
const { PromQLExtension } =
  require('@prometheus-io/codemirror-promql') as typeof import('@prometheus-io/codemirror-promql');
const { Parser } = require('@prometheus-io/codemirror-promql/dist/cjs/parser') as {
  readonly Parser: new (state: State) => {
    analyze(): void;
    getDiagnostics(): readonly {
      readonly severity: string;
      readonly from: number;
      readonly message: string;
    }[];
  };
};
const { ensureSyntaxTree } = require('@codemirror/language') as typeof import('@codemirror/language');
const { EditorState } = require('@codemirror/state') as typeof import('@codemirror/state');

/** What is wrong with an expression, in words; `at` counts characters from 0. */
export interface PromqlProblem {
  readonly at: number;
  readonly message: string;
}

/** One `metric{matchers}` of an expression. */
export interface Selector {
  /** Undefined when the metric is chosen by a matcher on `__name__` that isn't `=`. */
  readonly metric: string | undefined;
  /** As written, e.g. `job=~"$job"`, spaces left out. */
  readonly matchers: readonly string[];
  /** As written. */
  readonly text: string;
  /** The functions and aggregations round it, the nearest first, e.g. `rate`, `sum`. */
  readonly inside: readonly string[];
}

/** A call that takes a range, e.g. `rate(x[5m])`. */
export interface RangeCall {
  readonly name: string;
  /** What stands in the brackets. */
  readonly window: string;
}

/** Everything that lint asks of an expression without variables. */
export interface ReadPromql {
  readonly problems: readonly PromqlProblem[];
  readonly selectors: readonly Selector[];
  readonly rangeCalls: readonly RangeCall[];
}

const language = new PromQLExtension().activateCompletion(false).activateLinter(false).asExtension();
const patienceMs = 2000;

/** Checks syntax and types as Prometheus does, and finds the selectors. Never throws. */
export function readPromql(expr: string): ReadPromql {
  const state = EditorState.create({ doc: expr, extensions: language });
  const tree = ensureSyntaxTree(state, expr.length, patienceMs);
  if (tree === null)
    return { problems: [{ at: 0, message: 'too long to be read' }], selectors: [], rangeCalls: [] };
  return {
    problems: problemsOf(state, tree, expr),
    selectors: selectorsOf(tree, expr),
    rangeCalls: callsOf(tree, expr),
  };
}

function problemsOf(state: State, tree: Tree, expr: string): PromqlProblem[] {
  if (expr.trim() === '') return [{ at: 0, message: 'it is empty' }];
  const parser = new Parser(state);
  parser.analyze();
  const found = parser
    .getDiagnostics()
    .filter(({ severity }) => severity === 'error')
    .map(({ from, message }) => ({ at: from, message }));
  if (found.length > 0) return found;
  // The parser passes over what is missing at the end: an error node without width.
  const missing = nodesOf(tree).find(({ type }) => type.isError);
  return missing === undefined
    ? []
    : [{ at: missing.from, message: 'something is missing here, a bracket perhaps' }];
}

function selectorsOf(tree: Tree, expr: string): Selector[] {
  return nodesOf(tree)
    .filter(({ name }) => name === 'VectorSelector')
    .map((node) => {
      const matchers = nodesIn(node)
        .filter(({ name }) => name === 'UnquotedLabelMatcher' || name === 'QuotedLabelMatcher')
        .map((matcher) => compact(expr.slice(matcher.from, matcher.to)));
      const quoted = nodesIn(node).find(({ name }) => name === 'QuotedLabelName');
      const identifier = node.getChild('Identifier');
      const named = matchers.map((matcher) => /^__name__="([^"]*)"$/.exec(matcher)?.[1]).find((name) => name);
      const metric =
        identifier !== null
          ? expr.slice(identifier.from, identifier.to)
          : (named ?? (quoted && expr.slice(quoted.from + 1, quoted.to - 1)));
      return { metric, matchers, text: expr.slice(node.from, node.to), inside: callsRound(node, expr) };
    });
}

function callsRound(node: SyntaxNode, expr: string): string[] {
  const names: string[] = [];
  for (let up = node.parent; up !== null; up = up.parent) {
    if (up.name !== 'FunctionCall' && up.name !== 'AggregateExpr') continue;
    names.push(/^\w+/.exec(expr.slice(up.from, up.to))?.[0] ?? '');
  }
  return names;
}

function callsOf(tree: Tree, expr: string): RangeCall[] {
  return nodesOf(tree)
    .filter(({ name }) => name === 'FunctionCall')
    .flatMap((call) => {
      const name = /^\w+/.exec(expr.slice(call.from, call.to))?.[0] ?? '';
      const matrix = call.getChild('FunctionCallBody')?.getChild('MatrixSelector');
      const window = matrix && /\[([^\]]*)\]$/.exec(expr.slice(matrix.from, matrix.to))?.[1];
      return window ? [{ name, window: window.trim() }] : [];
    });
}

/** Outside of quotes no space matters. */
function compact(matcher: string): string {
  return matcher.replace(/^\s*([^=!~\s]+)\s*(=~|!~|!=|=)\s*/, '$1$2').trim();
}

function nodesOf(tree: Tree): SyntaxNode[] {
  return nodesIn(tree.topNode);
}

function nodesIn(top: SyntaxNode): SyntaxNode[] {
  const found = [top];
  for (let child = top.firstChild; child !== null; child = child.nextSibling) found.push(...nodesIn(child));
  return found;
}
