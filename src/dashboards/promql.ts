import { createRequire } from 'node:module';
import type { EditorState as State } from '@codemirror/state';

// All of one kind, CommonJS: the checker is published so, and a second copy of the editor's state would be a stranger to it.
const require = createRequire(import.meta.url);
const { promQLLanguage, LanguageType } =
  require('@prometheus-io/codemirror-promql') as typeof import('@prometheus-io/codemirror-promql');
const { EditorState } = require('@codemirror/state') as typeof import('@codemirror/state');

const language = promQLLanguage(LanguageType.PromQL);
type Tree = ReturnType<typeof language.parser.parse>;
type SyntaxNode = Tree['topNode'];

/** The package's checker, as far as we use it. */
interface Checker {
  tree: Tree;
  analyze(): void;
  getDiagnostics(): readonly { readonly severity: string; readonly from: number; readonly message: string }[];
}
const { Parser } = require('@prometheus-io/codemirror-promql/dist/cjs/parser') as {
  readonly Parser: new (state: State) => Checker;
};

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

/** Checks syntax and types as Prometheus does, and finds the selectors. Never throws. */
export function readPromql(expr: string): ReadPromql {
  try {
    const tree = language.parser.parse(expr);
    return {
      problems: problemsOf(tree, expr),
      selectors: selectorsOf(tree, expr),
      rangeCalls: callsOf(tree, expr),
    };
  } catch (error) {
    // Thousands of operators: the checker goes down into each.
    if (!(error instanceof RangeError)) throw error;
    return { problems: [{ at: 0, message: 'it is too long to be checked' }], selectors: [], rangeCalls: [] };
  }
}

function problemsOf(tree: Tree, expr: string): PromqlProblem[] {
  if (expr.trim() === '') return [{ at: 0, message: 'it is empty' }];
  const checker = new Parser(EditorState.create({ doc: expr }));
  // The editor's own tree is parsed within milliseconds or left unfinished, which on a busy machine finds errors where there are none.
  checker.tree = tree;
  checker.analyze();
  const found = checker
    .getDiagnostics()
    .filter(({ severity }) => severity === 'error')
    .map(({ from, message }) => ({ at: from, message }));
  if (found.length > 0) return found;
  // The checker passes over what is missing at the end: an error node without width.
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
