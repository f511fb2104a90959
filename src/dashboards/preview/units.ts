/** How numbers of one magnitude are written: divided, rounded, with a suffix. */
export interface Scale {
  readonly divide: number;
  readonly suffix: string;
}

type Steps = readonly (readonly [from: number, suffix: string])[];

const si = (unit: string): Steps => [
  [1, unit],
  [1e3, ` k${unit.trim()}`],
  [1e6, ` M${unit.trim()}`],
  [1e9, ` G${unit.trim()}`],
  [1e12, ` T${unit.trim()}`],
];
const iec = (unit: string): Steps => [
  [1, ` ${unit}`],
  [1024, ` Ki${unit}`],
  [1024 ** 2, ` Mi${unit}`],
  [1024 ** 3, ` Gi${unit}`],
  [1024 ** 4, ` Ti${unit}`],
];
const plain = (suffix: string): Steps => [[1, suffix]];
const time = (second: number): Steps => [
  [1e-6 / second, ' µs'],
  [1e-3 / second, ' ms'],
  [1 / second, ' s'],
  [60 / second, ' min'],
  [3600 / second, ' h'],
  [86_400 / second, ' d'],
];
const counted: Steps = [
  [1, ''],
  [1e3, ' K'],
  [1e6, ' Mil'],
  [1e9, ' Bil'],
];

/** Grafana's names of units, as far as a stack's dashboards and the popular ones use them. */
const units: Readonly<Record<string, Steps>> = {
  none: plain(''),
  short: counted,
  percent: plain('%'),
  percentunit: [[0.01, '%']],
  bool: plain(''),
  s: time(1),
  dtdurations: time(1),
  clocks: time(1),
  ms: time(1e-3),
  µs: time(1e-6),
  ns: time(1e-9),
  m: plain(' min'),
  h: plain(' h'),
  d: plain(' d'),
  bytes: iec('B'),
  kbytes: iec('B').map(([from, suffix]) => [from / 1024, suffix] as const),
  decbytes: si(' B'),
  bits: iec('b'),
  decbits: si(' b'),
  bps: si(' b/s'),
  Bps: si(' B/s'),
  binbps: iec('b/s'),
  binBps: iec('B/s'),
  pps: si(' p/s'),
  reqps: plain(' req/s'),
  ops: plain(' ops/s'),
  cps: plain(' c/s'),
  rps: plain(' rd/s'),
  wps: plain(' wr/s'),
  iops: plain(' io/s'),
  hertz: si(' Hz'),
  celsius: plain(' °C'),
};

/** How values around `size` are written in a unit; unknown units are shown as a suffix. */
export function scaleOf(unit: string, size: number): Scale {
  const named = /^(?:suffix|si):(.*)$/.exec(unit)?.[1];
  const steps = units[unit] ?? plain(named === undefined ? (unit === '' ? '' : ` ${unit}`) : ` ${named}`);
  const first = steps[0] ?? [1, ''];
  const [divide, suffix] = [...steps].reverse().find(([from]) => Math.abs(size) >= from) ?? first;
  // A zero of bytes is bytes; a zero of seconds isn't microseconds.
  if (size === 0 && steps.length > 3) {
    const [whole, name] = steps.find(([from]) => from === 1) ?? first;
    return { divide: whole, suffix: name };
  }
  return { divide, suffix };
}

/** A value for people, e.g. `93.5%`, `1.21 GiB`, `4.2 d`. */
export function formatted(value: number, unit: string, decimals?: number): string {
  if (Number.isNaN(value)) return 'no value';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  const { divide, suffix } = scaleOf(unit, value);
  const scaled = value / divide;
  const fixed = scaled.toFixed(
    decimals ?? (Math.abs(scaled) >= 100 || Number.isInteger(scaled) ? 0 : Math.abs(scaled) >= 10 ? 1 : 2),
  );
  return `${decimals === undefined && fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed}${suffix}`;
}
