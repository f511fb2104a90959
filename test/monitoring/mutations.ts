/** A rule that is not right: what in the rendered file is replaced by what. */
export interface Mutation {
  readonly alert: string;
  readonly name: string;
  readonly right: string;
  readonly wrong: string;
}

const of = (
  alert: string,
  ...all: readonly (readonly [name: string, right: string, wrong: string])[]
): Mutation[] => all.map(([name, right, wrong]) => ({ alert, name, right, wrong }));

/** Each must be caught by the scenarios of its alert: what people paste, and what a slip of the hand makes. */
export const mutations: readonly Mutation[] = [
  ...of(
    'HighCPUUsage',
    ['waiting counted as busy', 'idle|iowait', 'idle'],
    ['stolen time left out', 'idle|iowait', 'idle|iowait|steal'],
    ['the instant rate', '(rate(node_cpu', '(irate(node_cpu'],
    ['a shorter window', '"idle|iowait"}[2m]', '"idle|iowait"}[30s]'],
    ['the busiest core', 'avg without (cpu)', 'max without (cpu)'],
    ['all cores added up', 'avg without (cpu)', 'sum without (cpu)'],
    ['only one mode', 'mode!~"idle|iowait"', 'mode="user"'],
    ['the busiest mode', 'sum without (mode)', 'max without (mode)'],
    ['all hosts together', 'sum without (mode)', 'max without (mode, host, instance)'],
    ['the growth of the counter itself', '(rate(node_cpu', '(delta(node_cpu'],
    ['at the limit', '> 90', '>= 90'],
    ['a limit a little too low', '> 90', '> 89.9'],
    ['a limit too high', '> 90', '> 96'],
  ),
  ...of(
    'HighMemoryUsage',
    ['free instead of available memory', 'MemAvailable', 'MemFree'],
    [
      'available instead of used',
      '100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)',
      '100 * (node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)',
    ],
    ['a fraction instead of percent', '100 * (1 - node_memory', '1 * (1 - node_memory'],
    [
      'all hosts together',
      '100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)',
      'max(100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes))',
    ],
    ['at the limit', '> 95', '>= 95'],
    ['a limit a little too low', '> 95', '> 94.9'],
  ),
  ...of(
    'HighDiskUsage',
    ['images', 'squashfs|', ''],
    ['memory', 'tmpfs|', ''],
    ['layers', 'overlay|', ''],
    ['file systems that cannot be written', ') and node_filesystem_readonly == 0', ')'],
    ['only the root', '{fstype!~', '{mountpoint="/", fstype!~'],
    ['at the limit', '> 85', '>= 85'],
    ['a limit a little too low', '> 85', '> 84.9'],
  ),
  ...of(
    'InstanceDown',
    ['only machines', 'expr: up == 0', 'expr: up{job="node"} == 0'],
    ['what is up', 'expr: up == 0', 'expr: up == 1'],
    ['any value', 'expr: up == 0', 'expr: up >= 0'],
    ['what once was up', 'expr: up == 0', 'expr: min_over_time(up[5m]) == 0'],
    ['jobs instead of targets', 'expr: up == 0', 'expr: sum by (job) (up) == 0'],
  ),
  ...of(
    'FlaskAppDown',
    ['a missing application', ' or absent(up{job="flask-app"})', ''],
    ['only a missing application', 'up{job="flask-app"} == 0 or ', ''],
    ['any job', 'up{job="flask-app"} == 0', 'up == 0'],
    ['all instances', 'up{job="flask-app"} == 0', 'sum by (job) (up{job="flask-app"}) == 0'],
    [
      'the average of all',
      'up{job="flask-app"} == 0',
      'avg by (job, instance, host) (up{job="flask-app"}) < 2',
    ],
  ),
  ...of(
    'HighRequestRate',
    [
      'each endpoint for itself',
      'sum by (job, instance, host) (rate(flask_requests',
      'max by (job, instance, host) (rate(flask_requests',
    ],
    [
      'all instances together',
      'sum by (job, instance, host) (rate(flask_requests',
      'sum by (job) (rate(flask_requests',
    ],
    [
      'labels lost',
      'sum by (job, instance, host) (rate(flask_requests',
      'sum by (instance) (rate(flask_requests',
    ],
    ['requests a minute', '(rate(flask_requests', '(60 * rate(flask_requests'],
    ['the growth of the counter itself', '(rate(flask_requests', '(delta(flask_requests'],
    ['at the limit', '> 100', '>= 100'],
    ['a limit a little too low', '> 100', '> 99.9'],
  ),
  ...of(
    'HighRequestDuration',
    ['the median', 'histogram_quantile(0.95', 'histogram_quantile(0.5'],
    ['the slowest', 'histogram_quantile(0.95', 'histogram_quantile(0.999'],
    ['all instances together', 'sum by (job, instance, host, le)', 'sum by (job, le)'],
    [
      'everything since the start',
      'rate(flask_request_duration_seconds_bucket[2m])',
      'flask_request_duration_seconds_bucket',
    ],
    [
      'a window longer than its time',
      'flask_request_duration_seconds_bucket[2m]',
      'flask_request_duration_seconds_bucket[5m]',
    ],
    ['at the limit', ') > 1', ') >= 1'],
    ['a limit a little too low', ') > 1', ') > 0.99'],
  ),
  ...of(
    'Watchdog',
    ['only while something is scraped', 'expr: vector(1)', 'expr: count(up) > 0'],
    ['only while something is up', 'expr: vector(1)', 'expr: max(up) == 1'],
    ['never', 'expr: vector(1)', 'expr: vector(1) > 1'],
  ),
  ...of(
    'PrometheusConfigReloadFailed',
    ['what succeeds', 'reload_successful[5m]) == 0', 'reload_successful[5m]) == 1'],
    ['any failure in the window', 'max_over_time(prometheus_config', 'min_over_time(prometheus_config'],
    [
      'host lost',
      'max_over_time(prometheus_config_last_reload_successful[5m])',
      'max by (job) (max_over_time(prometheus_config_last_reload_successful[5m]))',
    ],
  ),
  ...of(
    'PrometheusRuleFailures',
    [
      'all failures ever',
      'increase(prometheus_rule_evaluation_failures_total[5m])',
      'prometheus_rule_evaluation_failures_total',
    ],
    ['a longer memory', 'evaluation_failures_total[5m]', 'evaluation_failures_total[30m]'],
    ['group lost', '(job, instance, host, rule_group)', '(job, instance, host)'],
    [
      'no failure needed',
      '(increase(prometheus_rule_evaluation_failures_total[5m])) > 0',
      '(increase(prometheus_rule_evaluation_failures_total[5m])) >= 0',
    ],
  ),
  ...of(
    'Ec2DiscoveryFailing',
    ['a service that never answers', / or max by.*== 0/.source, ''],
    [
      'only a service that never answers',
      /sum by \(job, instance, host\) \(increase\(prometheus_sd.*> 0 or /.source,
      '',
    ],
    ['every way to discover', '{mechanism="ec2"}', ''],
    ['every job', '{name="scrape", config="node-ec2"}', '{name="scrape"}'],
    [
      'all failures ever',
      'increase(prometheus_sd_refresh_failures_total{mechanism="ec2"}[5m])',
      'prometheus_sd_refresh_failures_total{mechanism="ec2"}',
    ],
  ),
  ...of(
    'NodeMetricsAbsent',
    ['machines that are down', '"node|node-ec2"} == 1', '"node|node-ec2"} >= 0'],
    ['only our own', '"node|node-ec2"', '"node"'],
    ['a job that is gone', ' or absent(up{job="node"})', ''],
    [
      'any host will do',
      'on (job, instance) node_memory_MemAvailable_bytes',
      'on (job) node_memory_MemAvailable_bytes',
    ],
    [
      'one metric forgotten',
      'on (job, instance) node_filesystem_readonly',
      'on (job, instance) node_cpu_seconds_total',
    ],
  ),
  ...of(
    'FlaskMetricsAbsent',
    ['applications that are down', '"flask-app"} == 1', '"flask-app"} >= 0'],
    ['one metric forgotten', 'on (job, instance) flask_requests_total', 'on (job, instance) up'],
    ['only the count', / or label_replace.*/.source, ''],
  ),
  ...of(
    'DiskWillFillIn24h',
    ['however much room there is', '> 60 and', '> 0 and'],
    ['what cannot be written', ' < 0 and node_filesystem_readonly == 0', ' < 0'],
    ['within ten days and more', '[6h], 86400)', '[6h], 1864000)'],
    ['within an hour', '[6h], 86400)', '[6h], 3600)'],
    ['full, growing or not', /predict_linear\([^)]*\) < 0/.source, 'node_filesystem_avail_bytes >= 0'],
    ['memory', 'tmpfs|', ''],
  ),
];
