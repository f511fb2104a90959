import { durationSeconds } from '../../config/duration.js';
import type { Config } from '../../config/schema.js';
import { rateWindow } from '../expressions.js';
import { alerting, atLimit, one, overPercent, two } from './expected.js';
import { fires, lifeOf, lived, silent, type Life } from './life.js';
import { growth, level, series, type Expected, type Labels, type Part, type Scenario } from './scenario.js';

/** Seconds of a core in one mode, by percent of the time. */
function core(
  step: number,
  host: Labels,
  [cpu, mode]: readonly [number, string],
  ...parts: readonly Part[]
): Labels {
  const shares = parts.map(([percent, lasts]) => [percent / 100, lasts] as const);
  return { [series('node_cpu_seconds_total', host, { cpu: String(cpu), mode })]: growth(step, ...shares) };
}

/** Busy, but for a quiet sample now and then: as deep as the mean of a window allows, and rarer than a window is long. */
function spells(life: Life, above: number, window: number): readonly Part[] {
  const { step, total } = life;
  const dip = Math.max(0, 100 - ((100 - above) * window) / step / 2);
  const spell: readonly Part[] = [
    [100, window + 3 * step],
    [dip, step],
  ];
  return Array.from({ length: Math.ceil(total / (window + 4 * step)) }, () => spell).flat();
}

/** HighCPUUsage. */
export function cpuScenarios(config: Config): readonly Scenario[] {
  const { above, for: lasting, window } = config.alerts.highCpuUsage;
  const seconds = durationSeconds(rateWindow(config, window));
  const life = lifeOf({ lasting: durationSeconds(lasting), window: seconds, climbs: true });
  const { step, high, low, total } = life;
  const over = overPercent(above);
  const alert = 'HighCPUUsage';
  const is: Expected = alerting(config, { alert, severity: 'critical', component: 'cpu' }, one, [
    'CPU of application-1 is busy',
    `All cores of application-1 together are ${over.toFixed(1)}% busy (limit ${String(above)}%).`,
  ]);
  const life1 = {
    ...core(step, two, [0, 'user'], [above / 2, total]),
    ...core(step, one, [0, 'user'], [over, high], [above / 4, low]),
    ...core(step, one, [0, 'idle'], [100 - over, high], [100 - above / 4, low]),
  };
  const limit = atLimit(config, 'highCpuUsage');
  const cores = [Math.min(100, above * 3), 0, 0, 0].map((busy, cpu) =>
    core(step, one, [cpu, 'user'], [busy, total]),
  );
  return [
    ...lived(alert, life, life1, [is]),
    silent(alert, 'silent at the limit', life, {
      ...core(step, one, [0, 'user'], [limit, total]),
      ...core(step, one, [0, 'idle'], [100 - limit, total]),
    }),
    silent(alert, 'silent while one core of four is busy', life, Object.assign({}, ...cores) as Labels),
    silent(alert, 'silent while the machine waits for its disk', life, {
      ...core(step, one, [0, 'iowait'], [100 - above / 2, total]),
      ...core(step, one, [0, 'user'], [above / 2, total]),
    }),
    fires(
      alert,
      'fires for time that the hypervisor took, all modes together',
      life,
      {
        ...core(step, one, [0, 'steal'], [over - above / 2, total]),
        ...core(step, one, [0, 'system'], [above / 2, total]),
      },
      [is],
    ),
    {
      alert,
      name: 'a quiet sample now and then does not reset a busy spell',
      step,
      series: core(step, one, [0, 'user'], ...spells(life, above, seconds)),
      at: [],
      firing: [[life.during[0], 1]],
    },
    silent(alert, 'a restart of the machine (its counters begin again) is no load', life, {
      [series('node_cpu_seconds_total', one, { cpu: '0', mode: 'user' })]:
        `${growth(step, [above / 200, high])} ${growth(step, [above / 200, low])}`,
    }),
  ];
}

/** HighMemoryUsage. */
export function memoryScenarios(config: Config): readonly Scenario[] {
  const { above, for: lasting } = config.alerts.highMemoryUsage;
  const life = lifeOf({ lasting: durationSeconds(lasting) });
  const { step, high, low, total } = life;
  const over = overPercent(above);
  const alert = 'HighMemoryUsage';
  const memory = (host: Labels, free: number, ...parts: readonly Part[]): Labels => ({
    [series('node_memory_MemTotal_bytes', host)]: level(step, [1000, total]),
    [series('node_memory_MemFree_bytes', host)]: level(step, [free, total]),
    [series('node_memory_MemAvailable_bytes', host)]: level(
      step,
      ...parts.map(([used, lasts]) => [1000 - used * 10, lasts] as const),
    ),
  });
  const is = alerting(config, { alert, severity: 'critical', component: 'memory' }, one, [
    'Memory of application-1 is nearly used up',
    `${over.toFixed(1)}% of the memory of application-1 is not available (limit ${String(above)}%).`,
  ]);
  const course = { ...memory(one, 2, [over, high], [above / 2, low]), ...memory(two, 2, [above / 2, total]) };
  const hiccup = durationSeconds(lasting) * 0.6;
  return [
    ...lived(alert, life, course, [is]),
    silent(alert, 'silent at the limit', life, memory(one, 2, [atLimit(config, 'highMemoryUsage'), total])),
    silent(
      alert,
      'silent while page cache takes what is free, and can be had back',
      life,
      memory(one, 0, [above / 4, total]),
    ),
    silent(alert, 'silent after a peak that is over before its time', life, {
      ...memory(one, 2, [over, hiccup], [above / 2, total]),
    }),
  ];
}
