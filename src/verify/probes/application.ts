import { applicationMetrics } from '../../monitoring/expressions.js';
import type { Answer } from '../answer.js';
import type { Finding, Probe } from '../probe.js';
import type { Service } from '../service.js';
import { families, missingFrom } from '../metrics.js';

/** A histogram is declared without the `_bucket` of its series. */
const wanted = applicationMetrics.map((name) => name.replace(/_bucket$/, ''));

export interface ApplicationFacts {
  readonly host: string;
  readonly metricsPath: string;
  /** The placeholder's pages are known; of the team's container only that it is scraped; else its metrics are wanted too. */
  readonly kind: 'placeholder' | 'container' | 'foreign';
}

/** The application serves its pages, and metrics that Prometheus 2 and 3 take. */
export function applicationProbes(facts: ApplicationFacts, application: Service): readonly Probe[] {
  const { host, metricsPath, kind } = facts;
  const probe = (id: string, path: string, judge: (answer: Answer) => Finding): Probe => ({
    id: `application.${id}`,
    target: host,
    title: `Application on ${host}, ${path}`,
    run: async (signal) => judge(await application.get(path, signal)),
  });
  const page = (id: string, path: string): Probe =>
    probe(id, path, (answer) => pageFinding(application.where, path, answer));
  const notOurs = (id: string, path: string): Probe => ({
    ...page(id, path),
    run: () =>
      Promise.resolve({
        status: 'skip',
        message: "'application.image' is your own: which pages it has is its business",
      }),
  });
  const ofPage = kind === 'container' ? notOurs : page;
  return [
    ...(kind === 'foreign' ? [] : [ofPage('index', '/'), ofPage('status', '/status')]),
    probe('metrics', metricsPath, (answer) => metricsFinding(metricsPath, answer, kind)),
  ];
}

function pageFinding(where: string, path: string, { status, via }: Answer): Finding {
  if (status === 200)
    return { status: 'pass', message: [`${path} answers 200`, via].filter(Boolean).join(', ') };
  return {
    status: 'fail',
    message: `${where}${path} answers ${status}`,
    expected: '200',
    hint: "Look at the application's log on the host; 'cloudops monitoring configure' puts ours back.",
  };
}

function metricsFinding(
  path: string,
  { status, contentType, body, via }: Answer,
  kind: ApplicationFacts['kind'],
): Finding {
  if (status !== 200) {
    return {
      status: 'fail',
      message: `${path} answers ${status}`,
      expected: '200 with metrics',
      hint: "Set 'application.metricsPath' to where the application serves its metrics.",
    };
  }
  if (!/^(text\/plain\b.*version=0\.0\.4|application\/openmetrics-text\b)/i.test(contentType)) {
    return {
      status: 'fail',
      message: `${path} has the Content-Type '${contentType || 'none'}', with which Prometheus 3 refuses it`,
      expected: "'text/plain; version=0.0.4; charset=utf-8'",
      hint: "Have the application send that header with its metrics: in Flask, 'Response(..., content_type=...)'.",
    };
  }
  const found = families(body);
  const missing = missingFrom(found, wanted);
  if (missing.length > 0 && kind === 'container') {
    const without = `without ${missing.join(' and ')}, so HighRequestRate and HighRequestDuration can't fire`;
    return {
      status: 'pass',
      message: [`${found.size} metric families`, without, via].filter(Boolean).join(', '),
    };
  }
  if (missing.length > 0) {
    return {
      status: 'fail',
      message: `${path} lacks ${missing.join(' and ')}`,
      expected: `${wanted.join(' and ')}, which alerts and dashboards use`,
      hint: 'Count requests by method and endpoint, and their duration in a histogram, under these names.',
    };
  }
  if (!/_bucket\{[^}]*le="1(\.0)?"/.test(body)) {
    return {
      status: 'fail',
      message: 'flask_request_duration_seconds has no bucket at 1.0',
      expected: 'one at 1.0 and finite ones above it: HighRequestDuration compares with 1 s',
      hint: 'Add 1.0 to the buckets of the histogram.',
    };
  }
  return { status: 'pass', message: [`${found.size} metric families`, via].filter(Boolean).join(', ') };
}
