import { durationSeconds } from '../config/duration.js';
import type { Config } from '../config/schema.js';

/**
 * Every PromQL expression of the product, once: rules, dashboards, probes and tests take them from here.
 * An expression without a threshold is the quantity itself, so that a panel can draw what a rule compares.
 * All of it exists since Prometheus 2.42 and Node Exporter 1.5.
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
 * The window of rates in rules: the rule's own, else two minutes, or four scrapes when they are slower, so that one
 * lost scrape changes nothing.
 */
export function rateWindow(config: Config, own?: string): string {
  const scrape = durationSeconds(config.monitoring.prometheus.scrapeInterval);
  return own ?? (scrape * 4 <= 120 ? defaultWindow : `${String(scrape * 4)}s`);
}

/** Metrics that the alerts on machines stand on. */
export const machineMetrics = [
  'node_cpu_seconds_total',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemTotal_bytes',
  'node_filesystem_avail_bytes',
  'node_filesystem_size_bytes',
  'node_filesystem_readonly',
] as const;

/** Metrics that the alerts on the application stand on. */
export const applicationMetrics = ['flask_requests_total', 'flask_request_duration_seconds_bucket'] as const;

/** One series for each of the metrics that a target lacks though its scrapes succeed; the label `metric` names it. */
function lacking(jobs: string, metrics: readonly string[]): string {
  const up = `up${selector(`job=~"${jobs}"`)} == 1`;
  return metrics
    .map(
      (metric) => `label_replace(${up} unless on (job, instance) ${metric}, "metric", "${metric}", "", "")`,
    )
    .join(' or ');
}

/** Whether the monitoring itself works: what the meta rules compare. */
export const meta = {
  watchdog: 'vector(1)',
  reloadFailed: (window: string) => `max_over_time(prometheus_config_last_reload_successful[${window}]) == 0`,
  ruleFailures: (window: string) =>
    `sum by (job, instance, host, rule_group) (increase(prometheus_rule_evaluation_failures_total[${window}])) > 0`,
  /** AWS refuses (failures are counted), or never answers: then nothing is counted, and not even our own hosts are found. */
  discoveryFailing: (window: string) =>
    `sum by (job, instance, host) (increase(prometheus_sd_refresh_failures_total{mechanism="ec2"}[${window}])) > 0 or ` +
    'max by (job, instance, host) (prometheus_sd_discovered_targets{name="scrape", config="node-ec2"}) == 0',
  machineMetricsAbsent: `${lacking('node|node-ec2', machineMetrics)} or absent(up{job="node"})`,
  applicationMetricsAbsent: lacking('flask-app', applicationMetrics),
  /** Percent used, where that is above the limit and the space is gone in so many hours if it goes on like this. */
  diskWillFill: (above: number, hours: number, window: string) =>
    `${diskUsed()} > ${String(above)} and ` +
    `predict_linear(node_filesystem_avail_bytes${selector(realFileSystems)}[${window}], ${String(hours * 3600)}) < 0 and ${diskWritable()}`,
} as const;

/** Every selector of a panel carries this, so that the variables narrow it. */
export const chosen = 'job=~"$job", instance=~"$instance"';

/** Quantities that a rule compares too, in Grafana's terms. */
export const panelScope: Required<Scope> = { select: chosen, window: '$__rate_interval' };

const gauge = (metric: string, more?: string): string => `${metric}${selector(chosen, more)}`;
const rate = (metric: string, more?: string): string => `rate(${gauge(metric, more)}[$__rate_interval])`;

/** Interfaces that carry traffic of the machine itself. */
const realDevices = 'device!~"lo|veth.*|docker.*|br-.*"';

/** What only panels of machines draw. */
export const system = {
  cpuByMode: `100 * avg by (mode) (${rate('node_cpu_seconds_total', 'mode!="idle"')})`,
  loadPerCore: `${gauge('node_load1')} / on (job, instance, host) count by (job, instance, host) (${gauge('node_cpu_seconds_total', 'mode="idle"')})`,
  load: (minutes: 1 | 5 | 15) => gauge(`node_load${minutes}`),
  memoryTotal: gauge('node_memory_MemTotal_bytes'),
  memoryUnavailable: `${gauge('node_memory_MemTotal_bytes')} - ${gauge('node_memory_MemAvailable_bytes')}`,
  memoryCache: `${gauge('node_memory_Cached_bytes')} + ${gauge('node_memory_Buffers_bytes')}`,
  diskAvailable: gauge('node_filesystem_avail_bytes', realFileSystems),
  diskBusy: `100 * ${rate('node_disk_io_time_seconds_total')}`,
  diskRead: rate('node_disk_read_bytes_total'),
  diskWritten: rate('node_disk_written_bytes_total'),
  networkReceived: `8 * ${rate('node_network_receive_bytes_total', realDevices)}`,
  networkSent: `8 * ${rate('node_network_transmit_bytes_total', realDevices)}`,
  uptime: `${gauge('node_time_seconds')} - ${gauge('node_boot_time_seconds')}`,
} as const;

/** What only panels of Prometheus itself draw. */
export const prometheus = {
  up: gauge('up'),
  targetsUp: `count(${gauge('up')} == 1) or vector(0)`,
  targetsDown: `count(${gauge('up')} == 0) or vector(0)`,
  scrapeDuration: gauge('scrape_duration_seconds'),
  scrapeSamples: gauge('scrape_samples_post_metric_relabeling'),
  headSeries: gauge('prometheus_tsdb_head_series'),
  samplesAppended: `sum without (type) (${rate('prometheus_tsdb_head_samples_appended_total')})`,
  blocks: gauge('prometheus_tsdb_blocks_loaded'),
  blockBytes: gauge('prometheus_tsdb_storage_blocks_bytes'),
  headChunks: gauge('prometheus_tsdb_head_chunks'),
  walCorruptions: `increase(${gauge('prometheus_tsdb_wal_corruptions_total')}[$__range])`,
  walFlushes: rate('prometheus_tsdb_wal_page_flushes_total'),
  compactions: `increase(${gauge('prometheus_tsdb_compactions_total')}[1h])`,
  compactionsFailed: `increase(${gauge('prometheus_tsdb_compactions_failed_total')}[1h])`,
  reloadOk: gauge('prometheus_config_last_reload_successful'),
  reloadAge: `time() - ${gauge('prometheus_config_last_reload_success_timestamp_seconds')}`,
  ruleDuration: gauge('prometheus_rule_group_last_duration_seconds'),
  ruleFailures: rate('prometheus_rule_evaluation_failures_total'),
  memory: `${gauge('process_resident_memory_bytes')} and on (job, instance) ${gauge('prometheus_build_info')}`,
  discovered: gauge('prometheus_sd_discovered_targets'),
} as const;

/** One series for each machine, whatever labels discovery adds: the rows of a table are joined by these three. */
const perHost = (expr: string): string => `max by (job, instance, host) (${expr})`;

/** The jobs whose targets are machines, one each. */
const machines = 'job=~"node|node-ec2"';

/** What only panels of many machines at once draw. */
export const fleet = {
  up: perHost(gauge('up', machines)),
  hostsUp: `count(${gauge('up', machines)} == 1) or vector(0)`,
  hostsDown: `count(${gauge('up', machines)} == 0) or vector(0)`,
  cpu: perHost(cpuBusy(panelScope)),
  memory: perHost(memoryUsed(panelScope)),
  disk: perHost(diskUsed(panelScope)),
  loadPerCore: perHost(system.loadPerCore),
  uptime: perHost(system.uptime),
  hotCpu: `count(${cpuBusy(panelScope)} > 90) or vector(0)`,
  fullDisk: `count(${perHost(diskUsed(panelScope))} > 85) or vector(0)`,
  busiest: `topk(10, ${perHost(cpuBusy(panelScope))})`,
} as const;

const requests = rate('flask_requests_total');
const buckets = rate('flask_request_duration_seconds_bucket');

/** What only panels of the application draw. */
export const application = {
  requestsByEndpoint: `sum by (job, instance, host, method, endpoint) (${requests})`,
  durationByEndpoint: (quantile: number) =>
    `histogram_quantile(${quantile}, sum by (job, instance, host, endpoint, le) (${buckets}))`,
} as const;
