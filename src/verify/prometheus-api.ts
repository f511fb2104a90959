import { CloudopsError } from '../errors.js';
import { type Answer, NoAnswer } from './answer.js';
import { Needs, type Service } from './service.js';

/** A target as Prometheus' API tells of it. */
export interface SeenTarget {
  readonly job: string;
  /** `ADDRESS:PORT`. */
  readonly instance: string;
  readonly health: string;
  readonly lastError: string;
  /** When it was last scraped; changes with each scrape. */
  readonly lastScrape: string;
}

export interface SeenRule {
  readonly name: string;
  readonly health: string;
  readonly lastError: string;
  readonly state: string;
}

/**
 * Asks Prometheus; undefined while it starts. Rejects with `Needs` when it doesn't answer, which its own probe
 * reports, with PROMETHEUS_AUTH when it wants another login, and with PROMETHEUS_FOREIGN when something else answers.
 */
export async function askPrometheus<Value>(
  prometheus: Service,
  path: string,
  read: (answer: Answer) => Value | undefined,
  signal: AbortSignal,
): Promise<Value | undefined> {
  const answer = await prometheus.get(path, signal).catch((error: unknown) => {
    throw error instanceof NoAnswer ? new Needs('Prometheus to answer') : error;
  });
  if (answer.status === 503) return undefined;
  const value = read(answer);
  if (value !== undefined) return value;
  if (answer.status === 401) throw asksForLogin(prometheus.where);
  throw new CloudopsError({
    code: 'PROMETHEUS_FOREIGN',
    what: `${prometheus.where} answered ${answer.status} to ${path}, not as Prometheus does.`,
    fix: ["See what listens there on the monitoring host: 'ss -ltnp'."],
  });
}

function asksForLogin(where: string): CloudopsError {
  return new CloudopsError({
    code: 'PROMETHEUS_AUTH',
    what: `${where} asks for another login than the config has.`,
    fix: [
      "Run 'cloudops monitoring configure': it makes Prometheus what 'monitoring.prometheus.basicAuth' says, here and there.",
    ],
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** Of `/api/v1/targets?state=active`; undefined when that isn't Prometheus talking. */
export function seenTargets(answer: Answer): readonly SeenTarget[] | undefined {
  const data = dataOf(answer);
  if (data === undefined || !Array.isArray(data['activeTargets'])) return undefined;
  return list(data['activeTargets']).map((target) => {
    const labels = fields(target['labels']);
    return {
      job: text(labels['job']),
      instance: text(labels['instance']),
      health: text(target['health']),
      lastError: text(target['lastError']),
      lastScrape: text(target['lastScrape']),
    };
  });
}

/** Of `/api/v1/rules?type=alert`; undefined when that isn't Prometheus talking. */
export function seenRules(answer: Answer): readonly SeenRule[] | undefined {
  const data = dataOf(answer);
  if (data === undefined || !Array.isArray(data['groups'])) return undefined;
  return list(data['groups']).flatMap((group) =>
    list(group['rules']).map((rule) => ({
      name: text(rule['name']),
      health: text(rule['health']),
      lastError: text(rule['lastError']),
      state: text(rule['state']),
    })),
  );
}

/** An alert that fires, or waits for its `for` to end. */
export interface SeenAlert {
  readonly state: string;
  /** When its condition began to hold, in ISO 8601. */
  readonly activeAt: string;
  readonly value: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Of `/api/v1/alerts`; undefined when that isn't Prometheus talking. */
export function seenAlerts(answer: Answer): readonly SeenAlert[] | undefined {
  const data = dataOf(answer);
  if (data === undefined || !Array.isArray(data['alerts'])) return undefined;
  return list(data['alerts']).map((alert) => ({
    state: text(alert['state']),
    activeAt: text(alert['activeAt']),
    value: text(alert['value']),
    labels: texts(alert['labels']),
    annotations: texts(alert['annotations']),
  }));
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(fields(value)).map(([key, one]) => [key, text(one)]));
}

function dataOf({ status, body }: Answer): Fields | undefined {
  if (status !== 200) return undefined;
  try {
    const parsed = fields(JSON.parse(body));
    return parsed['status'] === 'success' ? fields(parsed['data']) : undefined;
  } catch {
    return undefined;
  }
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
