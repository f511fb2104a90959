import type { Config } from '../../config/schema.js';
import { configSchema } from '../../config/schema.js';
import type { Expected, Labels } from './scenario.js';

export const one = { job: 'node', instance: '10.0.1.11:9100', host: 'application-1' };
export const two = { job: 'node', instance: '10.0.1.12:9100', host: 'application-2' };
export const app = { job: 'flask-app', instance: '10.0.1.11:3000', host: 'application-1' };
export const app2 = { job: 'flask-app', instance: '10.0.1.12:3000', host: 'application-2' };
export const itself = { job: 'prometheus', instance: 'localhost:9090', host: 'monitoring' };

export interface Kind {
  readonly alert: string;
  readonly severity: string;
  readonly component: string;
}

/** The alert with all that it must carry. */
export function alerting(
  { alerts }: Config,
  { alert, severity, component }: Kind,
  labels: Labels,
  [summary, description]: readonly [string, string],
): Expected {
  const runbook_url = `${alerts.runbookBase}/${alert}.md`;
  return { labels: { severity, component, ...labels }, annotations: { summary, description, runbook_url } };
}

const defaults = configSchema.parse({});

/** The alerts that compare with a limit. */
type Limited =
  'highCpuUsage' | 'highMemoryUsage' | 'highDiskUsage' | 'highRequestRate' | 'highRequestDuration';

/**
 * The limit itself, where the arithmetic of doubles hits it exactly, as it does for the defaults; for any other the
 * last value below it that rounding can't lift.
 */
export function atLimit({ alerts }: Config, alert: Limited): number {
  const { above } = alerts[alert];
  return above === defaults.alerts[alert].above ? above : above * (1 - 1e-7);
}

/** A percentage clearly above the limit, with one decimal. */
export function overPercent(above: number): number {
  return Math.min(100, Math.ceil(Math.min((above + 100) / 2, above * 1.25) * 10) / 10);
}
