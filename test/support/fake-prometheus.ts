import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the fake knows of a query: labels of its series, and a value for each at a moment (seconds). */
export interface Known {
  readonly labels: readonly Readonly<Record<string, string>>[];
  readonly value: (index: number, at: number) => number;
}

export interface FakePrometheus {
  readonly address: string;
  /** Expressions asked for, in order. */
  readonly asked: string[];
  /** What there is to say of an expression; an error text refuses it. */
  know: (expr: string) => Known | string;
  close(): Promise<void>;
}

const hosts = ['monitoring', 'application-1'];

/** Two hosts with everything at a wave between 10 and 90, and states of 0 and 1. */
function usual(expr: string): Known {
  const states = /\bup\{|last_reload_successful/.test(expr);
  const labels = hosts.flatMap((host, index) => {
    const own = {
      job: 'node',
      instance: `10.0.1.${10 + index}:9100`,
      host,
      mountpoint: '/',
      device: 'eth0',
      mode: 'user',
      method: 'GET',
      endpoint: '/',
      quantile: '0.9',
    };
    return [own];
  });
  return {
    labels,
    value: (index, at) => (states ? 1 : 50 + 40 * Math.sin(at / 300 + index)),
  };
}

/** An HTTP server on loopback that answers as Prometheus' API does. */
export async function startFakePrometheus(): Promise<FakePrometheus> {
  const fake: { know: FakePrometheus['know']; asked: string[] } = { know: usual, asked: [] };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://prometheus');
    const { status, body } = answer(url, fake);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(fake, {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function answer(url: URL, fake: Pick<FakePrometheus, 'know' | 'asked'>): { status: number; body: object } {
  const success = (data: unknown) => ({ status: 200, body: { status: 'success', data } });
  const of = (name: string): number => Number(url.searchParams.get(name));
  if (url.pathname === '/api/v1/status/config') return success({ yaml: 'global:\n  scrape_interval: 15s\n' });
  if (url.pathname === '/api/v1/label/__name__/values') return success(['up', 'node_load1']);
  if (/^\/api\/v1\/label\/\w+\/values$/.test(url.pathname)) return success(['a', 'b']);
  const expr = url.searchParams.get('query') ?? '';
  fake.asked.push(expr);
  const known = fake.know(expr);
  if (typeof known === 'string')
    return { status: 400, body: { status: 'error', errorType: 'bad_data', error: known } };
  if (url.pathname === '/api/v1/query') {
    const at = of('time');
    const result = known.labels.map((metric, index) => ({
      metric,
      value: [at, String(known.value(index, at))],
    }));
    return success({ resultType: 'vector', result });
  }
  const result = known.labels.map((metric, index) => {
    const values: [number, string][] = [];
    for (let at = of('start'); at <= of('end'); at += of('step'))
      values.push([at, String(known.value(index, at))]);
    return { metric, values };
  });
  return success({ resultType: 'matrix', result });
}
