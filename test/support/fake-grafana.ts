import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '../../src/config/secret.js';
import { direct, type Transport } from '../../src/dashboards/transport.js';

interface Kept {
  dashboard: Record<string, unknown>;
  folderUid: string;
  provisioned: boolean;
  versions: { version: number; message: string; createdBy: string; created: string }[];
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const answer = (status: number, body: unknown): Answer => ({ status, body });
const said = (status: number, message: string, more: object = {}): Answer =>
  answer(status, { message, ...more });

/** Grafana's state and rules, as far as cloudops can tell them apart from the real thing. */
export class GrafanaState {
  readonly password = 'correct horse';
  readonly token = 'glsa_service';
  readonly dashboards = new Map<string, Kept>();
  readonly folders = new Map<string, string>();
  readonly dataSources = new Map<string, { name: string; type: string; healthy: boolean; message: string }>([
    [
      'prometheus',
      {
        name: 'Prometheus',
        type: 'prometheus',
        healthy: true,
        message: 'Successfully queried the Prometheus API.',
      },
    ],
  ]);
  /** `METHOD path` of each request, in order. */
  readonly requests: string[] = [];
  database = 'ok';
  /** Of whoever logs in; an Editor may not list data sources. */
  role: 'Admin' | 'Editor' = 'Admin';
  /** How many series an expression has, or what is wrong with it. */
  data: (expr: string) => number | string = () => 1;
  /** `EXPRESSION @SOURCE` of each query run. */
  readonly asked: string[] = [];
  /** What Grafana 13 does on read: newer schema, defaults filled in, no new version. */
  upgrade: (dashboard: Record<string, unknown>) => Record<string, unknown> = (dashboard) => dashboard;

  get writes(): string[] {
    return this.requests.filter((request) => !request.startsWith('GET'));
  }

  /** Somebody edits in the browser. */
  edit(uid: string, change: Record<string, unknown>, by = 'alice'): void {
    const kept = this.dashboards.get(uid);
    if (kept === undefined) throw new Error(`no dashboard ${uid}`);
    this.store(kept, { ...kept.dashboard, ...change }, '', by);
  }

  respond(method: string, url: URL, authorized: boolean, body: Record<string, unknown>): Answer {
    this.requests.push(`${method} ${url.pathname}`);
    if (method === 'GET' && url.pathname === '/api/health') {
      const ok = this.database === 'ok';
      return answer(ok ? 200 : 503, { commit: 'abc', database: this.database, version: '12.4.11' });
    }
    if (!authorized) return said(401, 'Invalid username or password', { messageId: 'password-auth.failed' });
    const [, api, ...parts] = url.pathname.split('/');
    if (api !== 'api') return said(404, 'Not found');
    const [first, second, third, fourth] = parts.map(decodeURIComponent);
    if (first === 'folders') return this.folder(method, second, body);
    if (first === 'datasources' && second === undefined) return this.listDataSources();
    if (first === 'frontend' && second === 'settings') return this.settings();
    if (method === 'POST' && first === 'ds' && second === 'query') return this.query(body);
    if (first === 'datasources' && second === 'uid') return this.dataSource(third ?? '', fourth === 'health');
    if (first === 'search') return this.search(url.searchParams);
    if (method === 'POST' && first === 'dashboards' && second === 'db') return this.save(body);
    if (method === 'GET' && first === 'dashboards' && second === 'uid') {
      return this.read(third ?? '', fourth === 'versions');
    }
    return said(404, 'Not found');
  }

  private folder(method: string, uid: string | undefined, body: Record<string, unknown>): Answer {
    if (method === 'GET') {
      const title = this.folders.get(uid ?? '');
      return title === undefined ? said(404, 'folder not found') : answer(200, { uid, title });
    }
    const wanted = String(body['uid']);
    if (this.folders.has(wanted)) {
      return said(412, 'a folder with that UID already exists', { status: 'version-mismatch' });
    }
    this.folders.set(wanted, String(body['title']));
    return answer(200, { uid: wanted, title: body['title'], version: 1 });
  }

  private listDataSources(): Answer {
    if (this.role !== 'Admin') return said(403, "You'll need additional permissions to perform this action.");
    const rows = [...this.dataSources].map(([uid, { name, type }]) => ({
      uid,
      name,
      type,
      isDefault: name === 'Prometheus',
    }));
    return answer(200, rows);
  }

  private settings(): Answer {
    const rows = [...this.dataSources].map(([uid, { name, type }]) => [name, { uid, type }]);
    const datasources = Object.fromEntries(rows) as object;
    return answer(200, { datasources, defaultDatasource: 'Prometheus' });
  }

  /** What panels get: frames of `data`, by the data source and the expression. */
  private query(body: Record<string, unknown>): Answer {
    const queries = body['queries'] as { refId: string; expr: string; datasource: { uid: string } }[];
    const results = queries.map(({ refId, expr, datasource }) => {
      this.asked.push(`${expr} @${datasource.uid}`);
      if (!this.dataSources.has(datasource.uid))
        return [refId, { status: 404, error: 'data source not found' }];
      const found = this.data(expr);
      if (typeof found === 'string') return [refId, { status: 400, error: found }];
      const frame = {
        schema: { fields: [] },
        data: {
          values: [
            [1, 2],
            [1, 1],
          ],
        },
      };
      return [refId, { status: 200, frames: Array.from({ length: found }, () => frame) }];
    });
    return answer(results.some(([, one]) => (one as { error?: string }).error) ? 207 : 200, {
      results: Object.fromEntries(results) as object,
    });
  }

  private dataSource(uid: string, health: boolean): Answer {
    const found = this.dataSources.get(uid);
    if (found === undefined) return said(404, 'Data source not found');
    if (!health) return answer(200, { uid, id: 1, ...found });
    return found.healthy
      ? answer(200, { status: 'OK', message: found.message })
      : answer(400, { status: 'ERROR', message: found.message });
  }

  private search(query: URLSearchParams): Answer {
    const folders = query.getAll('folderUIDs');
    const rows = [...this.dashboards].filter(
      ([, kept]) => folders.length === 0 || folders.includes(kept.folderUid),
    );
    return answer(
      200,
      rows.map(([uid, kept]) => ({
        uid,
        title: kept.dashboard['title'],
        url: `/d/${uid}/x`,
        type: 'dash-db',
      })),
    );
  }

  private read(uid: string, versions: boolean): Answer {
    const kept = this.dashboards.get(uid);
    if (kept === undefined) return said(404, 'Dashboard not found');
    if (versions) return answer(200, { continueToken: '', versions: [...kept.versions].reverse() });
    return answer(200, {
      dashboard: this.upgrade(structuredClone(kept.dashboard)),
      meta: { folderUid: kept.folderUid, provisioned: kept.provisioned, version: kept.versions.length },
    });
  }

  private save(body: Record<string, unknown>): Answer {
    const dashboard = body['dashboard'] as Record<string, unknown> | undefined;
    if (typeof dashboard?.['title'] !== 'string' || dashboard['title'] === '') {
      return said(400, 'Dashboard title cannot be empty', { status: 'empty-name' });
    }
    const folderUid = typeof body['folderUid'] === 'string' ? body['folderUid'] : '';
    if (folderUid !== '' && !this.folders.has(folderUid))
      return said(400, 'folder not found', { status: 'not-found' });
    const uid = typeof dashboard['uid'] === 'string' ? dashboard['uid'] : `made-${this.dashboards.size}`;
    if (uid.length > 40) return said(400, 'uid too long, max 40 characters');
    const kept = this.dashboards.get(uid);
    if (kept?.provisioned === true) return said(400, 'Cannot save provisioned dashboard');
    if (kept !== undefined && body['overwrite'] !== true && dashboard['version'] !== kept.versions.length) {
      return said(412, 'The dashboard has been changed by someone else', { status: 'version-mismatch' });
    }
    const target: Kept = kept ?? { dashboard: {}, folderUid, provisioned: false, versions: [] };
    target.folderUid = folderUid;
    this.dashboards.set(uid, target);
    this.store(
      target,
      { ...dashboard, uid },
      typeof body['message'] === 'string' ? body['message'] : '',
      'admin',
    );
    return answer(200, {
      uid,
      id: target.dashboard['id'],
      status: 'success',
      version: target.versions.length,
    });
  }

  private store(kept: Kept, dashboard: Record<string, unknown>, message: string, createdBy: string): void {
    const version = kept.versions.length + 1;
    const id = [...this.dashboards.values()].indexOf(kept) + 1;
    kept.dashboard = { ...dashboard, id, version };
    kept.versions.push({ version, message, createdBy, created: '2026-11-23T10:00:00Z' });
  }
}

export interface FakeGrafana {
  readonly state: GrafanaState;
  readonly port: number;
  readonly address: string;
  /** With the right login, or another password. */
  transport(password?: string): Transport;
  close(): Promise<void>;
}

/** An HTTP server on loopback that answers as Grafana's API does, and remembers. */
export async function startFakeGrafana(): Promise<FakeGrafana> {
  const state = new GrafanaState();
  const right = `Basic ${Buffer.from(`admin:${state.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://grafana');
      const { authorization } = request.headers;
      const authorized = authorization === right || authorization === `Bearer ${state.token}`;
      const { status, body: reply } = state.respond(request.method ?? 'GET', url, authorized, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  return {
    state,
    port,
    address,
    transport: (password = state.password) =>
      direct(address, { user: 'admin', password: new Secret(password) }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
