import { realFileSystems, type Scope } from '../../monitoring/expressions.js';

/** PromQL that only panels use; what a rule compares is in monitoring/expressions.ts. Exists since Prometheus 2.42 and Node Exporter 1.5. */

/** Every selector of a panel carries this, so that the variables narrow it. */
export const chosen = 'job=~"$job", instance=~"$instance"';

/** For quantities that a rule compares too, in Grafana's terms. */
export const panelScope: Required<Scope> = { select: chosen, window: '$__rate_interval' };

const rate = (metric: string, more = ''): string =>
  `rate(${metric}{${chosen}${more === '' ? '' : `, ${more}`}}[$__rate_interval])`;
const gauge = (metric: string, more = ''): string => `${metric}{${chosen}${more === '' ? '' : `, ${more}`}}`;

/** Interfaces that carry traffic of the machine itself. */
const realDevices = 'device!~"lo|veth.*|docker.*|br-.*"';

export const system = {
  cpuByMode: `100 * avg without (cpu) (${rate('node_cpu_seconds_total', 'mode!="idle"')})`,
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
  buildInfo: gauge('prometheus_build_info'),
  residentMemory: gauge('process_resident_memory_bytes'),
  discovered: gauge('prometheus_sd_discovered_targets'),
} as const;

const requests = rate('flask_requests_total');
const buckets = rate('flask_request_duration_seconds_bucket');

export const application = {
  requestsByEndpoint: `sum by (job, instance, host, method, endpoint) (${requests})`,
  durationByEndpoint: (quantile: number) =>
    `histogram_quantile(${quantile}, sum by (job, instance, host, endpoint, le) (${buckets}))`,
} as const;
