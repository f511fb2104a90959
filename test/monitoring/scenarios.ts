import { counter, gauge, type Expected, type Scenario } from './promtool.js';

/** 25 minutes of samples: longer than any scenario looks. */
const long = 100;
const one = { job: 'node', instance: '10.0.1.11:9100', host: 'application-1' };
const two = { job: 'node', instance: '10.0.1.12:9100', host: 'application-2' };
const app = { job: 'flask-app', instance: '10.0.1.11:3000', host: 'application-1' };
const app2 = { job: 'flask-app', instance: '10.0.1.12:3000', host: 'application-2' };

type Labels = Readonly<Record<string, string>>;

function series(metric: string, ...labels: readonly Labels[]): string {
  const all = Object.entries(Object.assign({}, ...labels) as Labels);
  return `${metric}{${all.map(([key, value]) => `${key}="${value}"`).join(',')}}`;
}

function fires(
  alert: string,
  severity: string,
  component: string,
  labels: Labels,
  [summary, description]: readonly [string, string],
): Expected {
  const runbook_url = `docs/runbooks/${alert}.md`;
  return { labels: { severity, component, ...labels }, annotations: { summary, description, runbook_url } };
}

type Part = readonly [number, number];

/** A core's seconds by mode, in percent of each 15 s, for `[percent, samples]` parts. */
function core(host: Labels, cpu: number, mode: string, ...parts: readonly Part[]): Labels {
  return {
    [series('node_cpu_seconds_total', host, { cpu: String(cpu), mode })]: counter(
      ...parts.map(([percent, samples]) => [(percent * 15) / 100, samples] as const),
    ),
  };
}
const quietCore = core(two, 0, 'user', [50, long]);
const cpuFires = (value: string): Expected =>
  fires('HighCPUUsage', 'critical', 'cpu', one, [
    'CPU of application-1 is busy',
    `All cores of application-1 together are ${value}% busy (limit 90%).`,
  ]);

const cpu: readonly Scenario[] = [
  {
    name: 'silent just below, silent before its time, fires after, resolves, the other host silent',
    alert: 'HighCPUUsage',
    series: {
      ...quietCore,
      ...core(one, 0, 'user', [96, 40], [40, 60]),
      ...core(one, 0, 'idle', [4, 40], [60, 60]),
    },
    at: { '2m30s': [], '6m': [cpuFires('96.0')], '9m': [cpuFires('96.0')], '14m': [] },
    pending: ['2m30s'],
  },
  {
    name: 'silent at the threshold',
    alert: 'HighCPUUsage',
    series: { ...quietCore, ...core(one, 0, 'user', [90, long]), ...core(one, 0, 'idle', [10, long]) },
    at: { '10m': [], '20m': [] },
  },
  {
    name: 'one core of four is not the host',
    alert: 'HighCPUUsage',
    series: {
      ...core(one, 0, 'user', [100, long]),
      ...core(one, 1, 'user', [0, long]),
      ...core(one, 2, 'user', [0, long]),
      ...core(one, 3, 'user', [0, long]),
    },
    at: { '10m': [] },
  },
  {
    name: 'waiting for the disk is not busy',
    alert: 'HighCPUUsage',
    series: { ...core(one, 0, 'iowait', [96, long]), ...core(one, 0, 'user', [4, long]) },
    at: { '10m': [] },
  },
  {
    name: 'stolen time is busy, all modes together',
    alert: 'HighCPUUsage',
    series: { ...core(one, 0, 'steal', [56, long]), ...core(one, 0, 'system', [40, long]) },
    at: { '10m': [cpuFires('96.0')] },
  },
  {
    name: 'a quiet sample now and then does not reset a busy spell',
    alert: 'HighCPUUsage',
    series: core(
      one,
      0,
      'user',
      ...Array.from(
        { length: 6 },
        () =>
          [
            [99, 10],
            [40, 1],
          ] as const,
      ).flat(),
    ),
    at: { '10m30s': [cpuFires('99.0')] },
  },
];

function memory(host: Labels, ...parts: readonly Part[]): Labels {
  return {
    [series('node_memory_MemTotal_bytes', host)]: gauge([1000, long]),
    [series('node_memory_MemFree_bytes', host)]: gauge([5, long]),
    [series('node_memory_MemAvailable_bytes', host)]: gauge(
      ...parts.map(([used, samples]) => [1000 - used * 10, samples] as const),
    ),
  };
}
const memoryFires = fires('HighMemoryUsage', 'critical', 'memory', one, [
  'Memory of application-1 is nearly used up',
  '97.0% of the memory of application-1 is not available (limit 95%).',
]);

const memories: readonly Scenario[] = [
  {
    name: 'silent before its time, fires after, resolves, the other host silent',
    alert: 'HighMemoryUsage',
    series: { ...memory(one, [97, 40], [60, 60]), ...memory(two, [50, long]) },
    at: { '1m30s': [], '2m30s': [memoryFires], '9m': [memoryFires], '11m': [] },
    pending: ['1m30s'],
  },
  {
    name: 'silent at the threshold; page cache (little free, much available) is not used',
    alert: 'HighMemoryUsage',
    series: { ...memory(one, [95, long]), ...memory(two, [10, long]) },
    at: { '10m': [] },
  },
];

function disk(host: Labels, mount: Labels, readonly: number, ...parts: readonly Part[]): Labels {
  const labels = { device: '/dev/nvme0n1p1', fstype: 'ext4', mountpoint: '/', ...mount };
  return {
    [series('node_filesystem_size_bytes', host, labels)]: gauge([1000, long]),
    [series('node_filesystem_readonly', host, labels)]: gauge([readonly, long]),
    [series('node_filesystem_avail_bytes', host, labels)]: gauge(
      ...parts.map(([used, samples]) => [1000 - used * 10, samples] as const),
    ),
  };
}
const diskFires = (mountpoint: string): Expected =>
  fires(
    'HighDiskUsage',
    'warning',
    'disk',
    { ...one, device: '/dev/nvme0n1p1', fstype: 'ext4', mountpoint },
    [
      `File system ${mountpoint} of application-1 is filling up`,
      `${mountpoint} (/dev/nvme0n1p1) of application-1 is 90.0% full (limit 85%).`,
    ],
  );

const disks: readonly Scenario[] = [
  {
    name: 'silent before its time, fires after, resolves, the other host silent',
    alert: 'HighDiskUsage',
    series: { ...disk(one, {}, 0, [90, 40], [50, 60]), ...disk(two, {}, 0, [50, long]) },
    at: { '4m': [], '6m': [diskFires('/')], '9m': [diskFires('/')], '11m': [] },
    pending: ['4m'],
  },
  {
    name: 'silent at the threshold',
    alert: 'HighDiskUsage',
    series: disk(one, {}, 0, [85, long]),
    at: { '20m': [] },
  },
  {
    name: 'a second volume counts while / is fine',
    alert: 'HighDiskUsage',
    series: { ...disk(one, {}, 0, [50, long]), ...disk(one, { mountpoint: '/data' }, 0, [90, long]) },
    at: { '10m': [diskFires('/data')] },
  },
  {
    name: 'images, memory and what cannot be written are always full',
    alert: 'HighDiskUsage',
    series: {
      ...disk(one, { fstype: 'squashfs', mountpoint: '/snap/core' }, 0, [100, long]),
      ...disk(one, { fstype: 'tmpfs', mountpoint: '/run' }, 0, [99, long]),
      ...disk(one, { mountpoint: '/mnt/image' }, 1, [100, long]),
    },
    at: { '20m': [] },
  },
];

const instanceFires = fires('InstanceDown', 'critical', 'availability', one, [
  'Target node of application-1 is down',
  'Prometheus could not scrape node on 10.0.1.11:9100 (up is 0) for 1m.',
]);

const instances: readonly Scenario[] = [
  {
    name: 'silent before its time, fires after, resolves, the other host silent',
    alert: 'InstanceDown',
    series: { [series('up', one)]: gauge([1, 8], [0, 20], [1, 40]), [series('up', two)]: gauge([1, long]) },
    at: { '1m30s': [], '2m30s': [], '4m': [instanceFires], '6m30s': [instanceFires], '8m': [] },
    pending: ['2m30s'],
  },
  {
    name: '45 s of failed scrapes are a hiccup',
    alert: 'InstanceDown',
    series: { [series('up', one)]: gauge([1, 8], [0, 3], [1, 40]) },
    at: { '2m15s': [], '3m': [], '4m': [] },
  },
  {
    name: 'a target that never came up',
    alert: 'InstanceDown',
    series: { [series('up', one)]: gauge([0, long]) },
    at: { '3m': [instanceFires] },
  },
];

const appFires = fires('FlaskAppDown', 'critical', 'application', app, [
  'The application is down on application-1',
  'Prometheus could not scrape the application on 10.0.1.11:3000 for 1m (value 0).',
]);
const appGone = fires('FlaskAppDown', 'critical', 'application', { job: 'flask-app' }, [
  'The application is down on every host',
  'No target of the job flask-app exists for 1m (value 1).',
]);

const applications: readonly Scenario[] = [
  {
    name: 'silent before its time, fires after, resolves, the other host silent',
    alert: 'FlaskAppDown',
    series: { [series('up', app)]: gauge([1, 8], [0, 20], [1, 40]), [series('up', app2)]: gauge([1, long]) },
    at: { '2m30s': [], '4m': [appFires], '6m30s': [appFires], '8m': [] },
    pending: ['2m30s'],
  },
  {
    name: 'no target at all from the start; another job being down is not the application',
    alert: 'FlaskAppDown',
    series: { [series('up', one)]: gauge([0, long]) },
    at: { '30s': [], '3m': [appGone] },
    pending: ['30s'],
  },
  {
    name: 'the target goes stale',
    alert: 'FlaskAppDown',
    series: { [series('up', app)]: `${gauge([1, 20])} stale` },
    at: { '4m': [], '8m': [appGone] },
  },
];

function requests(target: Labels, endpoint: string, ...parts: readonly Part[]): Labels {
  return {
    [series('flask_requests_total', target, { method: 'GET', endpoint })]: counter(
      ...parts.map(([rate, samples]) => [rate * 15, samples] as const),
    ),
  };
}
const rateFires = (value: string): Expected =>
  fires('HighRequestRate', 'warning', 'application', app, [
    'The application on application-1 gets many requests',
    `10.0.1.11:3000 answers ${value} requests a second (limit 100).`,
  ]);

const rates: readonly Scenario[] = [
  {
    name: 'silent before its time, fires after, resolves, the other host silent',
    alert: 'HighRequestRate',
    series: { ...requests(app, '/', [128, 40], [10, 60]), ...requests(app2, '/', [60, long]) },
    at: { '1m30s': [], '5m': [rateFires('128.0')], '9m': [rateFires('128.0')], '14m': [] },
    pending: ['1m30s'],
  },
  {
    name: 'silent at the threshold, and two instances below it are not one above',
    alert: 'HighRequestRate',
    series: { ...requests(app, '/', [100, long]), ...requests(app2, '/', [90, long]) },
    at: { '10m': [], '20m': [] },
  },
  {
    name: 'many small endpoints are one big load',
    alert: 'HighRequestRate',
    series: Object.assign(
      {},
      ...Array.from({ length: 11 }, (_, n) => requests(app, `/${String(n)}`, [10, long])),
    ) as Labels,
    at: { '10m': [rateFires('110.0')] },
  },
  {
    name: 'a restart (the counter starts again) is no load',
    alert: 'HighRequestRate',
    series: {
      [series('flask_requests_total', app, { method: 'GET', endpoint: '/' })]:
        `${counter([750, 30])} ${counter([750, 60])}`,
    },
    at: { '8m': [], '9m': [], '10m': [] },
  },
];

const bounds = ['0.5', '1.0', '2.0', '5.0', '+Inf'] as const;

/** Requests a second that end in each bucket, for `[rates, samples]` parts. */
function durations(target: Labels, ...parts: readonly (readonly [readonly number[], number])[]): Labels {
  const buckets = bounds.map((le, index) => {
    const grown = parts.map(
      ([rates, samples]) =>
        [rates.slice(0, index + 1).reduce((sum, rate) => sum + rate * 15, 0), samples] as const,
    );
    return [
      series('flask_request_duration_seconds_bucket', target, { le, method: 'GET', endpoint: '/' }),
      counter(...grown),
    ];
  });
  return Object.fromEntries(buckets) as Labels;
}
const slow = (value: string): Expected =>
  fires('HighRequestDuration', 'warning', 'application', app, [
    'The application on application-1 answers slowly',
    `One request in twenty to 10.0.1.11:3000 takes longer than ${value} s (limit 1 s).`,
  ]);
const quick = [8, 0, 0, 0, 0];

const slowness: readonly Scenario[] = [
  {
    name: 'silent before its time, fires after, resolves, the other host silent',
    alert: 'HighRequestDuration',
    series: { ...durations(app, [[0, 0, 8, 0, 0], 40], [quick, 60]), ...durations(app2, [quick, long]) },
    at: { '2m30s': [], '4m30s': [slow('1.95')], '9m': [slow('1.95')], '14m': [] },
    pending: ['2m30s'],
  },
  {
    name: 'silent at the threshold: the 95th percentile is exactly one second',
    alert: 'HighRequestDuration',
    series: durations(app, [[0, 19, 1, 0, 0], long]),
    at: { '10m': [], '20m': [] },
  },
  {
    name: 'four slow in a hundred are not one in twenty',
    alert: 'HighRequestDuration',
    series: durations(app, [[96, 0, 0, 4, 0], long]),
    at: { '10m': [] },
  },
  {
    name: 'one slow request on an idle application',
    alert: 'HighRequestDuration',
    series: durations(app, [[0, 0, 0, 0, 0], 20], [[0, 0, 0, 1 / 15, 0], 1], [[0, 0, 0, 0, 0], 60]),
    at: { '5m30s': [], '7m': [], '8m30s': [], '10m': [] },
  },
  {
    name: 'no traffic',
    alert: 'HighRequestDuration',
    series: durations(app, [[0, 0, 0, 0, 0], long]),
    at: { '10m': [] },
  },
  {
    name: 'slower than the largest bound still fires',
    alert: 'HighRequestDuration',
    series: durations(app, [[0, 0, 0, 0, 8], long]),
    at: { '10m': [slow('5.00')] },
  },
];

/** What each of the seven alerts must do and leave. */
export const scenarios: readonly Scenario[] = [
  ...cpu,
  ...memories,
  ...disks,
  ...instances,
  ...applications,
  ...rates,
  ...slowness,
];
