import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Page {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

/** An HTTP server on loopback; pages may be changed while it runs. */
export interface FakeService {
  readonly port: number;
  readonly pages: Map<string, Page>;
  readonly requests: string[];
  close(): Promise<void>;
}

/** Serves the pages by path; 404 for any other. */
export async function startService(pages: Readonly<Record<string, Page>> = {}): Promise<FakeService> {
  const held = new Map(Object.entries(pages));
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://service');
    requests.push(pathname);
    const page = held.get(pathname);
    response.writeHead(page?.status ?? (page === undefined ? 404 : 200), {
      'content-type': page?.type ?? 'text/plain',
    });
    response.end(page?.body ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    pages: held,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A port on loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const service = await startService();
  await service.close();
  return service.port;
}

export interface FakeTarget {
  readonly job: string;
  readonly instance: string;
  readonly health?: 'up' | 'down' | 'unknown';
  readonly lastError?: string;
  readonly lastScrape?: string;
}

export interface FakeRule {
  readonly name: string;
  readonly health?: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  readonly state?: 'inactive' | 'pending' | 'firing';
}

const json = (data: object): Page => ({
  type: 'application/json',
  body: JSON.stringify({ status: 'success', data }),
});

/** `/api/v1/targets` as Prometheus 2 and 3 answer it. */
export function targetsPage(targets: readonly FakeTarget[]): Page {
  return json({
    activeTargets: targets.map(({ job, instance, health = 'up', lastError = '', lastScrape = 'once' }) => ({
      labels: { job, instance, host: instance },
      scrapePool: job,
      scrapeUrl: `http://${instance}/metrics`,
      health,
      lastError,
      lastScrape,
    })),
    droppedTargets: [],
  });
}

/** `/api/v1/rules` as Prometheus 2 and 3 answer it. */
export function rulesPage(rules: readonly FakeRule[]): Page {
  const full = rules.map((rule) => ({
    health: 'ok',
    state: 'inactive',
    lastError: '',
    type: 'alerting',
    ...rule,
  }));
  return json({ groups: [{ name: 'cloudops', file: 'alert-rules.yml', rules: full }] });
}

export const readyPage: Page = { body: 'Prometheus Server is Ready.\n' };

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** What the application serves when all is well. */
export const applicationMetrics: Page = {
  type: metricsType,
  body: [
    '# TYPE flask_requests_total counter',
    'flask_requests_total{method="GET",endpoint="/"} 3',
    '# TYPE flask_request_duration_seconds histogram',
    'flask_request_duration_seconds_bucket{method="GET",endpoint="/",le="1.0"} 3',
    'flask_request_duration_seconds_bucket{method="GET",endpoint="/",le="+Inf"} 3',
    '',
  ].join('\n'),
};

/** What a Node Exporter serves, as far as anybody asks. */
export const exporterMetrics: Page = {
  type: metricsType,
  body: [
    'node_cpu_seconds_total counter',
    'node_memory_MemAvailable_bytes gauge',
    'node_memory_MemTotal_bytes gauge',
    'node_filesystem_avail_bytes gauge',
    'node_filesystem_size_bytes gauge',
    'node_filesystem_readonly gauge',
    'node_network_receive_bytes_total counter',
    'node_load1 gauge',
  ]
    .map((line) => `# TYPE ${line}\n${line.split(' ')[0]} 1\n`)
    .join(''),
};
