import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describeWith, hasProgram } from '../support/requires.js';

const program = process.env['CLOUDOPS_PROMTOOL'] ?? 'promtool';

/** A `describe` for tests that need promtool: in PATH, or $CLOUDOPS_PROMTOOL. */
export const describeWithPromtool = describeWith('promtool', hasProgram(program));

/** Runs promtool in a directory that holds the given files; its code and all it said. */
export function promtool(
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
): { code: number | null; said: string } {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    const { status, stdout, stderr } = spawnSync(program, words, { cwd: directory, encoding: 'utf8' });
    return { code: status, said: `${stdout}${stderr}` };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** `[value, samples]` parts of a gauge, 15 s apart; `_` is a scrape that found nothing. */
export function gauge(...parts: readonly (readonly [number | '_', number])[]): string {
  return parts.flatMap(([value, samples]) => Array<string>(samples).fill(String(value))).join(' ');
}

/** `[growth per 15 s, samples]` parts of a counter that starts at 0. */
export function counter(...parts: readonly (readonly [number, number])[]): string {
  let total = 0;
  return parts
    .flatMap(([growth, samples]) => Array.from({ length: samples }, () => (total += growth)))
    .map((value) => String(Math.round(value * 1e6) / 1e6))
    .join(' ');
}

export interface Expected {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Scenario {
  readonly name: string;
  readonly alert: string;
  readonly series: Readonly<Record<string, string>>;
  /** What fires at which time; everything else must be silent then. */
  readonly at: Readonly<Record<string, readonly Expected[]>>;
  /** Times at which the alert must be pending: it would fire, but for its `for`. */
  readonly pending?: readonly string[];
}

/** The scenarios as promtool reads them, for rules in alert-rules.yml. */
export function unitTests(scenarios: readonly Scenario[]): string {
  return stringify(
    {
      rule_files: ['alert-rules.yml'],
      evaluation_interval: '15s',
      tests: scenarios.map((scenario) => ({
        name: `${scenario.alert}: ${scenario.name}`,
        interval: '15s',
        input_series: Object.entries(scenario.series).map(([series, values]) => ({ series, values })),
        alert_rule_test: Object.entries(scenario.at).map(([time, expected]) => ({
          eval_time: time,
          alertname: scenario.alert,
          exp_alerts: expected.map(({ labels, annotations }) => ({
            exp_labels: labels,
            exp_annotations: annotations,
          })),
        })),
        promql_expr_test: (scenario.pending ?? []).map((time) => ({
          expr: `count(ALERTS{alertname="${scenario.alert}", alertstate="pending"})`,
          eval_time: time,
          exp_samples: [{ labels: '{}', value: 1 }],
        })),
      })),
    },
    { lineWidth: 0 },
  );
}
