import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { requestFrom, type HostLogin } from '../hosts/http.js';
import { fields, list, text } from './json.js';
import { reasonOf } from './reason.js';
import type { Reply } from './transport.js';

/** One series of an answer; `points` in order of time, [seconds, value]; NaN and infinities are values. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [number, number])[];
}

/** Prometheus' HTTP API, as much of it as dashboards need. Methods reject with a `CloudopsError`. */
export interface Prometheus {
  readonly place: string;
  /** At one moment, in seconds. */
  query(expr: string, at: number): Promise<readonly Series[]>;
  /** Over a span; seconds. */
  queryRange(
    expr: string,
    span: { readonly from: number; readonly to: number; readonly step: number },
  ): Promise<readonly Series[]>;
  /** Values of a label, of the series of a selector or of all. */
  labelValues(label: string, selector?: string): Promise<readonly string[]>;
  /** Every `scrape_interval` in seconds is at most this. */
  scrapeInterval(): Promise<number>;
}

/** Asks for one path; rejects only when no answer came. */
type Ask = (path: string) => Promise<Reply>;

/** A Prometheus that this machine reaches, by its URL; a user and password in the URL are sent, never shown. */
export function prometheusAt(address: string, timeoutMs = 30_000): Prometheus {
  const url = new URL(address);
  const { username, password } = url;
  url.username = url.password = '';
  const base = url.href.replace(/\/+$/, '');
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers: Record<string, string> =
    username === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return new PrometheusApi(`Prometheus at ${base}`, async (path) => {
    const response = await fetch(`${base}${path}`, { headers, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, body: await response.text() };
  });
}

/** Through the connection to the monitoring host, with the login that the host has for it. */
export function prometheusOverHost(host: Host, port: number, user?: HostLogin): Prometheus {
  return new PrometheusApi(`Prometheus on ${host.name} (port ${port})`, (path) =>
    requestFrom(host, { method: 'GET', url: `http://127.0.0.1:${port}${path}`, user }),
  );
}

class PrometheusApi implements Prometheus {
  constructor(
    readonly place: string,
    private readonly ask: Ask,
  ) {}

  async query(expr: string, at: number): Promise<readonly Series[]> {
    return seriesOf(
      await this.data(`/api/v1/query?${String(new URLSearchParams({ query: expr, time: String(at) }))}`),
    );
  }

  async queryRange(
    expr: string,
    { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
  ): Promise<readonly Series[]> {
    const asked = { query: expr, start: String(from), end: String(to), step: String(step) };
    return seriesOf(await this.data(`/api/v1/query_range?${String(new URLSearchParams(asked))}`));
  }

  async labelValues(label: string, selector?: string): Promise<readonly string[]> {
    const match = selector === undefined ? '' : `?${String(new URLSearchParams({ 'match[]': selector }))}`;
    const data = await this.data(`/api/v1/label/${encodeURIComponent(label)}/values${match}`);
    return Array.isArray(data) ? data.map(String) : [];
  }

  async scrapeInterval(): Promise<number> {
    const { yaml } = fields(await this.data('/api/v1/status/config'));
    const found = [...text(yaml).matchAll(/^\s*scrape_interval: (\S+)$/gm)].map((match) =>
      seconds(match[1] ?? ''),
    );
    return Math.max(1, ...found);
  }

  private async data(path: string): Promise<unknown> {
    const { status, body } = await this.ask(path).catch((error: unknown) => {
      throw silent(this.place, error);
    });
    const answer = fields(tryParse(body));
    if (answer['status'] === 'success') return answer['data'];
    throw refused(
      this.place,
      status,
      text(answer['error']) || body.trim().split('\n')[0]?.slice(0, 200) || '(nothing)',
    );
  }
}

function seriesOf(data: unknown): Series[] {
  const { resultType, result } = fields(data);
  if (resultType === 'scalar') return [{ labels: {}, points: [point(result)] }];
  return list(result).map(({ metric, values, value }) => ({
    labels: fields(metric) as Readonly<Record<string, string>>,
    points: Array.isArray(values) ? values.map(point) : value === undefined ? [] : [point(value)],
  }));
}

function point(value: unknown): readonly [number, number] {
  const [at, number] = Array.isArray(value) ? (value as unknown[]) : [];
  return [Number(at), toNumber(String(number))];
}

function toNumber(written: string): number {
  if (written === '+Inf') return Infinity;
  return written === '-Inf' ? -Infinity : Number(written);
}

/** Of a duration such as 15s or 1m30s. */
function seconds(duration: string): number {
  const unit: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
  return [...duration.matchAll(/(\d+)(ms|[smhd])/g)].reduce(
    (sum, [, count, name = 's']) => sum + Number(count) * (unit[name] ?? 0),
    0,
  );
}

function tryParse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

function silent(place: string, cause: unknown): CloudopsError {
  if (cause instanceof CloudopsError && cause.code.startsWith('SSH')) return cause;
  return new CloudopsError({
    code: 'PROMETHEUS_UNREACHABLE',
    what: `${place} doesn't answer.`,
    why: reasonOf(cause),
    fix: ["Check the address; for the stack's own, 'cloudops verify' says what is wrong."],
    cause,
  });
}

function refused(place: string, status: number, said: string): CloudopsError {
  if (status === 401) {
    return new CloudopsError({
      code: 'PROMETHEUS_AUTH',
      what: `${place} asks for another login.`,
      fix: [
        "For the stack's own: 'cloudops monitoring configure' with the config that the stack has ('monitoring.prometheus.basicAuth').",
        "For another one: give the login in the URL, '--from http://USER:PASSWORD@HOST:PORT'.",
      ],
    });
  }
  return new CloudopsError({
    code: 'PROMETHEUS_REFUSED',
    what: `${place} refused a query.`,
    why: `It answered ${status}: ${said}`,
    fix: ["Check the expression with 'cloudops dashboards lint'."],
  });
}
