import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { CloudopsError, exitCodes } from '../errors.js';
import { judgedFiles, promtool, type Judged } from '../monitoring/promtool.js';
import { renderAlertRules, renderMetaRules, ruleFiles } from '../monitoring/render.js';
import { scenarios } from '../monitoring/scenarios/all.js';
import { unitTest } from '../monitoring/scenarios/scenario.js';
import type { Context } from './context.js';

export interface TestAlertsOptions {
  /** The program. */
  readonly promtool: string;
  /** The operator's own unit tests. */
  readonly files: readonly string[];
}

export interface AlertTest {
  /** What is tested: an alert's name, or the operator's file. */
  readonly subject: string;
  readonly name: string;
  readonly status: 'pass' | 'fail';
  /** promtool's words. */
  readonly message?: string;
}

/** The document of `alerts test --json`. */
export interface AlertTests {
  readonly ok: boolean;
  readonly tests: readonly AlertTest[];
  readonly summary: { readonly pass: number; readonly fail: number };
}

interface Prepared {
  readonly subject: string;
  readonly name: string;
  readonly content: string;
}

/**
 * Runs unit tests on the rules as they are rendered from this config: our scenarios, made for its limits, durations
 * and windows, and the operator's own. Talks to nobody. Rejects when promtool refuses the rules themselves.
 */
export async function testAlerts(
  context: Pick<Context, 'config' | 'signal'>,
  { promtool: program, files }: TestAlertsOptions,
): Promise<AlertTests> {
  const { config, signal } = context;
  const [alertRules, metaRules] = ruleFiles;
  const rules = { [alertRules]: renderAlertRules({ config }), [metaRules]: renderMetaRules({ config }) };
  const checked = await promtool(program, rules, ['check', 'rules', ...ruleFiles], signal);
  if (checked.code !== 0) throw refused(checked.text);
  const ours: readonly Prepared[] = scenarios(config).map((scenario) => ({
    subject: scenario.alert,
    name: scenario.name,
    content: unitTest(scenario),
  }));
  const all = [...ours, ...(await Promise.all(files.map(own)))];
  const named = all.map((one, index) => [`test-${String(index)}.yml`, one] as const);
  const contents = Object.fromEntries(named.map(([file, { content }]) => [file, content]));
  const order = named.map(([file]) => file);
  const words = ['test', 'rules', ...order];
  const { text } = await promtool(program, { ...rules, ...contents }, words, signal);
  const judged = judgedFiles(text, order);
  const tests = named.map(([file, one]) => result(one, judged.get(file), text));
  const fail = tests.filter(({ status }) => status === 'fail').length;
  return { ok: fail === 0, tests, summary: { pass: tests.length - fail, fail } };
}

function result({ subject, name }: Prepared, judged: Judged | undefined, text: string): AlertTest {
  if (judged?.ok === true) return { subject, name, status: 'pass' };
  const message = judged?.message ?? `promtool said nothing of it: ${text.trim().slice(-500)}`;
  return { subject, name, status: 'fail', message };
}

/** The operator's test: rule files that it names are taken beside it, ours as they are rendered. */
async function own(path: string): Promise<Prepared> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  });
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) throw unreadable(path, problem.message);
  const named = isMap(document.contents) ? document.get('rule_files') : undefined;
  if (!isSeq(named)) throw unreadable(path, "It has no list 'rule_files', as unit tests of rules have.");
  for (const item of named.items) {
    if (isScalar(item) && typeof item.value === 'string') item.value = found(path, item.value);
  }
  return { subject: path, name: 'all tests of the file', content: document.toString({ lineWidth: 0 }) };
}

function found(test: string, named: string): string {
  const ours = ruleFiles.find((file) => file === basename(named));
  return ours ?? resolve(dirname(test), named);
}

function unreadable(path: string, why: string): CloudopsError {
  return new CloudopsError({
    code: 'ALERT_TEST_INVALID',
    what: `${path} can't be used as a test of alerts.`,
    why,
    fix: [`give a file of promtool's unit tests whose 'rule_files' names ${ruleFiles.join(' or ')}`],
    exit: exitCodes.usage,
  });
}

function refused(text: string): CloudopsError {
  return new CloudopsError({
    code: 'ALERT_RULES_REFUSED',
    what: 'promtool refuses the rules that this config makes.',
    why: text.trim().split('\n').slice(-6).join('\n'),
    fix: ["look at 'alerts' in the config; 'cloudops monitoring render --out DIR' writes the rules"],
  });
}
