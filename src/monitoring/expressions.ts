import type { Config } from '../config/schema.js';

/**
 * Every PromQL expression of the product, once: rules, dashboards, probes and tests take them from here.
 * An expression without a threshold is the quantity itself, so that a panel can draw what a rule compares.
 */

/** Narrows an expression for a dashboard, e.g. `job=~"$job", instance=~"$instance"`; and its rate window. */
export interface Scope {
  readonly select?: string;
  /** A Prometheus duration, or `$__rate_interval` in Grafana. */
  readonly window?: string;
}

const defaultWindow = '2m';

/** Real file systems: what can fill up and hurt. Overlays, images and memory are left out. */
export const realFileSystems = 'fstype!~"tmpfs|ramfs|overlay|squashfs|erofs|iso9660|nsfs|fuse.*"';

/** `{a, b}` of the parts that are there, or nothing. */
function selector(...parts: readonly (string | undefined)[]): string {
  const given = parts.filter((part) => part !== undefined && part !== '');
  return given.length === 0 ? '' : `{${given.join(', ')}}`;
}

/** Percent of all cores together that is busy; waiting for I/O is idle time, stolen time is not. */
export function cpuBusy({ select, window = defaultWindow }: Scope = {}): string {
  const seconds = `node_cpu_seconds_total${selector('mode!~"idle|iowait"', select)}`;
  return `100 * sum without (mode) (avg without (cpu) (rate(${seconds}[${window}])))`;
}

/** Percent of memory that a new process could not have; page cache is not used memory. */
export function memoryUsed({ select }: Scope = {}): string {
  const of = selector(select);
  return `100 * (1 - node_memory_MemAvailable_bytes${of} / node_memory_MemTotal_bytes${of})`;
}

/** Percent used per mount point, as a process that isn't root sees it. */
export function diskUsed({ select }: Scope = {}): string {
  const of = selector(realFileSystems, select);
  return `100 * (1 - node_filesystem_avail_bytes${of} / node_filesystem_size_bytes${of})`;
}

/** 1 for each file system that can be written. */
export function diskWritable({ select }: Scope = {}): string {
  return `node_filesystem_readonly${selector(select)} == 0`;
}

/** Targets whose last scrape failed. */
export function targetDown({ select }: Scope = {}): string {
  return `up${selector(select)} == 0`;
}

/** The application's scrape failed, or nothing of the job is there at all. */
export function applicationDown(): string {
  const of = selector('job="flask-app"');
  return `up${of} == 0 or absent(up${of})`;
}

/** Requests a second of each instance, all endpoints and methods together. */
export function requestRate({ select, window = defaultWindow }: Scope = {}): string {
  return `sum by (job, instance, host) (rate(flask_requests_total${selector(select)}[${window}]))`;
}

/** A quantile (0 to 1) of the duration of an instance's requests in seconds; no traffic gives NaN. */
export function requestDuration(quantile: number, { select, window = defaultWindow }: Scope = {}): string {
  const buckets = `rate(flask_request_duration_seconds_bucket${selector(select)}[${window}])`;
  return `histogram_quantile(${String(quantile)}, sum by (job, instance, host, le) (${buckets}))`;
}

/**
 * The window of rates in rules: two minutes, or four scrapes when they are slower, so that one lost scrape changes
 * nothing.
 */
export function rateWindow(config: Config): string {
  const scrape = durationSeconds(config.monitoring.prometheus.scrapeInterval);
  return scrape * 4 <= 120 ? defaultWindow : `${String(scrape * 4)}s`;
}

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 } as const;

/** Seconds of a Prometheus duration with one unit, e.g. 90s or 200h. Throws on anything else. */
export function durationSeconds(duration: string): number {
  const match = /^(\d+)(s|m|h|d|w|y)$/.exec(duration);
  if (match === null) throw new Error(`not a duration: ${duration}`);
  return Number(match[1]) * unitSeconds[match[2] as keyof typeof unitSeconds];
}
