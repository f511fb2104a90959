import type { Expected, Labels, Scenario } from './scenario.js';

/** When to look at an alert whose condition holds from the start for `high` seconds, and then no longer. */
export interface Life {
  readonly step: number;
  readonly high: number;
  /** How long the quiet after it is looked at. */
  readonly low: number;
  readonly total: number;
  /** It would fire, but for its `for`. */
  readonly before: number;
  /** Whether it must be known to be pending then. */
  readonly pending: boolean;
  readonly during: readonly [number, number];
  readonly after: number;
}

export interface Timing {
  /** Seconds of the rule's `for`. */
  readonly lasting: number;
  /** Seconds of the window of its rates. */
  readonly window?: number;
  /** True where the value climbs while the window fills, so that nobody knows the exact second. */
  readonly climbs?: boolean;
}

/** Every moment keeps two evaluations' distance from the edge it is about: Prometheus 2 and 3 differ by one sample. */
export function lifeOf({ lasting, window = 0, climbs = false }: Timing): Life {
  const slowest = Math.min(60, Math.max(15, lasting / 40));
  const limits = [slowest, lasting / 4, ...(window > 0 ? [window / 4] : [])];
  const step = Math.max(1, Math.floor(Math.min(...limits)));
  const [earliest, latest] = climbs ? [window * 0.7, window + step] : [0, 2 * step];
  const fires = latest + lasting + step;
  const high = toStep(step, fires + 8 * step);
  const low = toStep(step, window + 8 * step);
  const pending = latest + 2 * step < earliest + lasting;
  return {
    step,
    high,
    low,
    total: high + low,
    before: toStep(step, pending ? (latest + earliest + lasting) / 2 : earliest + lasting / 2),
    pending,
    during: [toStep(step, fires), high - 2 * step],
    after: toStep(step, high + window + 4 * step),
  };
}

function toStep(step: number, seconds: number): number {
  return Math.round(seconds / step) * step;
}

/** One alert's course with the same input, each part of its sentence a scenario. */
export function lived(alert: string, life: Life, series: Labels, expected: readonly Expected[]): Scenario[] {
  const { step, before, pending, during, after } = life;
  const common = { alert, step, series };
  return [
    {
      ...common,
      name: 'silent before its time',
      at: [{ seconds: before, fires: [] }],
      ...(pending ? { pending: [before] } : {}),
    },
    {
      ...common,
      name: 'fires after it, and for that one alone',
      at: during.map((seconds) => ({ seconds, fires: expected })),
    },
    { ...common, name: 'silent again once it is over', at: [{ seconds: after, fires: [] }] },
  ];
}

/** Silent at all times that a rule with this timing could have fired at. */
export function silent(alert: string, name: string, life: Life, series: Labels): Scenario {
  const seconds = [life.before, ...life.during, life.after];
  return { alert, name, step: life.step, series, at: seconds.map((one) => ({ seconds: one, fires: [] })) };
}

/** Fires with the last sample of the condition. */
export function fires(
  alert: string,
  name: string,
  life: Life,
  series: Labels,
  expected: readonly Expected[],
): Scenario {
  return {
    alert,
    name,
    step: life.step,
    series,
    at: life.during.map((seconds) => ({ seconds, fires: expected })),
  };
}
