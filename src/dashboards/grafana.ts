import { answerOf, dataSourceOf, parse, text, tryParse, versions } from './grafana-answers.js';
import { grafanaError, unreachable } from './grafana-errors.js';
import { fields, list, type Fields } from './json.js';
import type { Method, Reply, Transport } from './transport.js';

/** A dashboard as Grafana keeps it: classic JSON. */
export type DashboardJson = Readonly<Record<string, unknown>>;

export interface Stored {
  readonly dashboard: DashboardJson;
  readonly folderUid: string;
  /** Put there from a file on Grafana's own host: the API can't change it. */
  readonly provisioned: boolean;
}

export interface Listed {
  readonly uid: string;
  readonly title: string;
  readonly url: string;
}

export interface DataSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
}

export interface Health {
  readonly ok: boolean;
  readonly detail: string;
}

/** One save of a dashboard: the message given with it, who and when. */
export interface Version {
  readonly message: string;
  readonly by: string;
  readonly at: string;
}

/** How a dashboard is saved. */
export interface SaveOptions {
  readonly folderUid: string;
  readonly message: string;
  /** What Grafana holds must be of this version still, else GRAFANA_CONFLICT; undefined: it must not exist. */
  readonly onto: number | 'anything' | undefined;
}

/** One query for `/api/ds/query`, its variables filled in. */
export interface SourceQuery {
  readonly source: string;
  readonly expr: string;
  readonly instant: boolean;
}

/** How many series came back, or why none could. */
export interface SourceAnswer {
  readonly series: number;
  readonly error?: string;
}

/** Grafana's HTTP API, as much of it as we use; the legacy paths that 11, 12 and 13 all answer. */
export interface Grafana {
  readonly place: string;
  health(): Promise<Health>;
  /** Whether Grafana reaches the data source: a green `health` alone says nothing of it. */
  dataSourceHealth(uid: string): Promise<Health>;
  dataSource(uid: string): Promise<DataSource | undefined>;
  /** True when the folder had to be made. */
  ensureFolder(uid: string, title: string): Promise<boolean>;
  get(uid: string): Promise<Stored | undefined>;
  /** The latest first; undefined when they can't be read. */
  versions(uid: string): Promise<readonly Version[] | undefined>;
  /** Makes or replaces the dashboard of that uid, wherever it is, and puts it in the folder. */
  save(dashboard: DashboardJson, options: SaveOptions): Promise<void>;
  list(folderUid: string): Promise<readonly Listed[]>;
  dataSources(): Promise<readonly DataSource[]>;
  /** Runs queries over the last hour, as a panel does; answers in their order. */
  run(queries: readonly SourceQuery[]): Promise<readonly SourceAnswer[]>;
}

/** The API over a transport. Methods reject with a `CloudopsError`: GRAFANA_UNREACHABLE, _AUTH, _REFUSED, ... */
export function grafana(transport: Transport): Grafana {
  return new GrafanaApi(transport);
}

class GrafanaApi implements Grafana {
  readonly place: string;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.place = transport.place;
  }

  async health(): Promise<Health> {
    const reply = await this.#send('GET', '/api/health');
    const { database, version } = fields(tryParse(reply.body));
    const ok = reply.status === 200 && database === 'ok';
    return ok
      ? { ok, detail: `version ${text(version)}` }
      : { ok, detail: `it answered ${reply.status}, database ${text(database) || 'unknown'}` };
  }

  async dataSourceHealth(uid: string): Promise<Health> {
    const path = `/api/datasources/uid/${encodeURIComponent(uid)}/health`;
    const reply = await this.#send('GET', path);
    if (reply.status === 401 || reply.status === 403) throw grafanaError(this.place, `GET ${path}`, reply);
    const { status, message } = fields(tryParse(reply.body));
    const detail = text(message) || `it answered ${reply.status}`;
    return { ok: reply.status === 200 && status === 'OK', detail };
  }

  async dataSource(uid: string): Promise<DataSource | undefined> {
    const found = await this.#ask('GET', `/api/datasources/uid/${encodeURIComponent(uid)}`);
    return found && dataSourceOf(found);
  }

  async dataSources(): Promise<readonly DataSource[]> {
    const reply = await this.#send('GET', '/api/datasources');
    if (reply.status === 200) return list(parse(reply.body)).map(dataSourceOf);
    if (reply.status !== 403) throw grafanaError(this.place, 'GET /api/datasources', reply);
    // The list is for administrators; what the pages themselves start with has it too.
    const { datasources, defaultDatasource } = (await this.#ask('GET', '/api/frontend/settings')) ?? {};
    return Object.entries(fields(datasources)).map(([name, value]) =>
      dataSourceOf({ ...fields(value), name, isDefault: name === defaultDatasource }),
    );
  }

  async ensureFolder(uid: string, title: string): Promise<boolean> {
    if ((await this.#ask('GET', `/api/folders/${encodeURIComponent(uid)}`)) !== undefined) return false;
    await this.#must('POST', '/api/folders', { uid, title });
    return true;
  }

  async get(uid: string): Promise<Stored | undefined> {
    const found = await this.#ask('GET', `/api/dashboards/uid/${encodeURIComponent(uid)}`);
    if (found === undefined) return undefined;
    const meta = fields(found['meta']);
    return {
      dashboard: fields(found['dashboard']),
      folderUid: text(meta['folderUid']),
      provisioned: meta['provisioned'] === true,
    };
  }

  async versions(uid: string): Promise<readonly Version[] | undefined> {
    const path = `/api/dashboards/uid/${encodeURIComponent(uid)}/versions?limit=100`;
    const reply = await this.#send('GET', path);
    if (reply.status !== 200) return undefined;
    return versions(tryParse(reply.body)).map((one) => ({
      message: text(one['message']),
      by: text(one['createdBy']),
      at: text(one['created']),
    }));
  }

  async save(dashboard: DashboardJson, { folderUid, message, onto }: SaveOptions): Promise<void> {
    await this.#must('POST', '/api/dashboards/db', {
      dashboard: { ...dashboard, id: null, ...(typeof onto === 'number' ? { version: onto } : {}) },
      folderUid,
      overwrite: onto === 'anything',
      message,
    });
  }

  async run(queries: readonly SourceQuery[]): Promise<readonly SourceAnswer[]> {
    if (queries.length === 0) return [];
    const path = '/api/ds/query';
    const asked = queries.map(({ source, expr, instant }, index) => ({
      refId: `q${index}`,
      datasource: { type: 'prometheus', uid: source },
      expr,
      instant,
      range: !instant,
      intervalMs: 30_000,
      maxDataPoints: 120,
    }));
    const reply = await this.#send('POST', path, { queries: asked, from: 'now-1h', to: 'now' });
    const { results } = fields(tryParse(reply.body));
    if (results === undefined) throw grafanaError(this.place, `POST ${path}`, reply);
    return queries.map((_, index) => answerOf(fields(fields(results)[`q${index}`])));
  }

  async list(folderUid: string): Promise<readonly Listed[]> {
    const path = `/api/search?type=dash-db&limit=5000&folderUIDs=${encodeURIComponent(folderUid)}`;
    const reply = await this.#send('GET', path);
    if (reply.status !== 200) throw grafanaError(this.place, 'GET /api/search', reply);
    return list(parse(reply.body)).map((row) => ({
      uid: text(row['uid']),
      title: text(row['title']),
      url: text(row['url']),
    }));
  }

  async #send(method: Method, path: string, body?: unknown): Promise<Reply> {
    try {
      return await this.#transport.request(method, path, body);
    } catch (error) {
      throw unreachable(this.place, error);
    }
  }

  /** The parsed answer, undefined for 404, an error for anything else that isn't 2xx. */
  async #ask(method: Method, path: string, body?: unknown): Promise<Fields | undefined> {
    const reply = await this.#send(method, path, body);
    if (reply.status === 404) return undefined;
    if (reply.status >= 200 && reply.status < 300) return fields(parse(reply.body));
    throw grafanaError(this.place, `${method} ${path}`, reply);
  }

  async #must(method: Method, path: string, body: unknown): Promise<void> {
    const answer = await this.#ask(method, path, body);
    if (answer === undefined) throw grafanaError(this.place, `${method} ${path}`, { status: 404, body: '' });
  }
}
