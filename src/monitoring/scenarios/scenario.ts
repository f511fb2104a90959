import { stringify } from 'yaml';
import { ruleFiles } from '../render.js';

export type Labels = Readonly<Record<string, string>>;

/** One alert as promtool compares it: all labels, all annotations. */
export interface Expected {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** What fires at a time in seconds since the start; nothing else of that alert may. */
export interface Moment {
  readonly seconds: number;
  readonly fires: readonly Expected[];
}

/** What targets send, and what one alert must do about it. */
export interface Scenario {
  readonly alert: string;
  readonly name: string;
  /** Seconds between two samples, and between two evaluations. */
  readonly step: number;
  /** Values by series, in promtool's notation. */
  readonly series: Labels;
  readonly at: readonly Moment[];
  /** Seconds at which the alert must wait for its `for` to end. */
  readonly pending?: readonly number[];
  /** Seconds at which so many of it must fire, whatever their value. */
  readonly firing?: readonly (readonly [seconds: number, alerts: number])[];
}

/** The scenario as promtool reads it; the rules stand beside it. */
export function unitTest({ alert, name, step, series, at, pending = [], firing = [] }: Scenario): string {
  const every = `${String(step)}s`;
  const states = [
    ...pending.map((seconds) => ['pending', seconds, 1] as const),
    ...firing.map(([seconds, alerts]) => ['firing', seconds, alerts] as const),
  ];
  const test = {
    name: `${alert}: ${name}`,
    interval: every,
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    alert_rule_test: at.map(({ seconds, fires }) => ({
      eval_time: `${String(seconds)}s`,
      alertname: alert,
      exp_alerts: fires.map(({ labels, annotations }) => ({
        exp_labels: labels,
        exp_annotations: annotations,
      })),
    })),
    promql_expr_test: states.map(([state, seconds, alerts]) => ({
      expr: `count(ALERTS{alertname="${alert}", alertstate="${state}"})`,
      eval_time: `${String(seconds)}s`,
      exp_samples: [{ labels: '{}', value: alerts }],
    })),
  };
  return stringify({ rule_files: ruleFiles, evaluation_interval: every, tests: [test] }, { lineWidth: 0 });
}

/** A series' name with its labels. */
export function series(metric: string, ...labels: readonly Labels[]): string {
  const all = Object.entries(Object.assign({}, ...labels) as Labels);
  return `${metric}{${all.map(([key, value]) => `${key}="${value}"`).join(',')}}`;
}

/** What holds for so many seconds. */
export type Part = readonly [value: number, seconds: number];

/** Values of a gauge. */
export function level(step: number, ...parts: readonly Part[]): string {
  return parts.map(([value, seconds]) => `${plain(value)}+0x${String(samples(step, seconds) - 1)}`).join(' ');
}

/** Values of a gauge that grows by so much a second. */
export function slope(step: number, from: number, perSecond: number, seconds: number): string {
  return `${plain(from)}${signed(perSecond * step)}x${String(samples(step, seconds) - 1)}`;
}

/** Values of a counter that starts at 0 and grows by so much a second. */
export function growth(step: number, ...parts: readonly Part[]): string {
  let total = 0;
  return parts
    .map(([perSecond, seconds]) => {
      const [each, count] = [perSecond * step, samples(step, seconds)];
      const first = total + each;
      total += each * count;
      return `${plain(first)}${signed(each)}x${String(count - 1)}`;
    })
    .join(' ');
}

const samples = (step: number, seconds: number): number => Math.max(1, Math.round(seconds / step));

/** Never with an exponent, which promtool's notation doesn't have. */
function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(12).replace(/0+$/, '');
}

const signed = (value: number): string => (value < 0 ? `-${plain(-value)}` : `+${plain(value)}`);
