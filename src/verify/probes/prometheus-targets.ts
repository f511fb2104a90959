import { hintFor, meaningOf, silenceOf } from '../answer.js';
import { eventually, type Look, type Patience } from '../patience.js';
import type { Finding, Probe } from '../probe.js';
import { askPrometheus, type SeenTarget, seenTargets } from '../prometheus-api.js';
import type { Service } from '../service.js';

/** One address that Prometheus must scrape with success. */
export interface ExpectedTarget {
  readonly job: string;
  readonly address: string;
  /** The host's name, for people. */
  readonly host: string;
}

/** One probe a target; they share each answer of Prometheus. */
export function prometheusTargets(
  expected: readonly ExpectedTarget[],
  prometheus: Service,
  patience: Patience,
): readonly Probe[] {
  const ask = shared(
    (signal) => askPrometheus(prometheus, '/api/v1/targets?state=active', seenTargets, signal),
    patience.everyMs / 2,
  );
  return expected.map((target) => {
    const label = `${target.job}/${target.host}`;
    return {
      id: 'prometheus.targets',
      target: label,
      title: `Target ${label}`,
      run(signal) {
        let first: string | undefined;
        const look = async (): Promise<Look> => {
          const all = await ask(signal);
          const seen = all?.find(({ job, instance }) => job === target.job && instance === target.address);
          first ??= seen?.lastScrape;
          return judged(target, seen, first);
        };
        return eventually(look, patience, signal);
      },
    };
  });
}

/** Down counts once a scrape that was made while we looked has failed: before, the service may just have started. */
function judged(target: ExpectedTarget, seen: SeenTarget | undefined, first: string | undefined): Look {
  if (seen === undefined) return { settled: false, finding: unknown(target) };
  if (seen.health === 'up') {
    return { settled: true, finding: { status: 'pass', message: `${target.address} is up` } };
  }
  if (seen.health === 'unknown') return { settled: false, finding: neverScraped(target) };
  return { settled: seen.lastScrape !== first, finding: down(target, seen.lastError) };
}

function unknown({ job, address }: ExpectedTarget): Finding {
  return {
    status: 'fail',
    message: `Prometheus has no target ${address} in job '${job}'`,
    expected: 'it to be scraped',
    hint: "Run 'cloudops monitoring configure': its prometheus.yml is older than the stack, or changed by hand.",
  };
}

function neverScraped({ address }: ExpectedTarget): Finding {
  return {
    status: 'fail',
    message: `${address} has not been scraped yet`,
    expected: 'a first scrape within two intervals',
    hint: "Run 'cloudops verify' again; if it stays so, look at 'journalctl -u prometheus -n 50' on the monitoring host.",
  };
}

function down(target: ExpectedTarget, lastError: string): Finding {
  const { address } = target;
  return { status: 'fail', expected: 'it to be up', ...explained(target, lastError, address) };
}

const services: Readonly<Record<string, string>> = {
  node: 'the Node Exporter',
  'flask-app': 'the application',
  prometheus: 'Prometheus',
};

/** Prometheus' lastError in the operator's words, and what to do about it. */
function explained(
  { job }: ExpectedTarget,
  lastError: string,
  address: string,
): { message: string; hint: string } {
  const status = /server returned HTTP status (\d{3})/.exec(lastError)?.[1];
  if (status === '404') {
    return {
      message: `${address} is up but has no metrics there (404)`,
      hint: "Set 'application.metricsPath' to where the application serves its metrics, then 'cloudops monitoring configure'.",
    };
  }
  if (status !== undefined) {
    return {
      message: `${address} answered the scrape with ${status}`,
      hint: `Look at the log of ${services[job] ?? 'the service'} on the host.`,
    };
  }
  if (/content.?type/i.test(lastError)) {
    return {
      message: `${address} sends its metrics with a Content-Type that Prometheus 3 refuses (${lastError})`,
      hint: "Have the application send 'text/plain; version=0.0.4; charset=utf-8'.",
    };
  }
  const silence = silenceOf(lastError);
  const detail =
    silence === 'broken'
      ? `${address} is down: ${lastError || 'Prometheus gives no reason'}`
      : meaningOf(silence, address);
  return { message: detail, hint: hintFor(silence, services[job] ?? 'the service') };
}

/** Calls within `forMs` of each other get one answer: many probes, one request. */
function shared<Value>(
  ask: (signal: AbortSignal) => Promise<Value>,
  forMs: number,
): (signal: AbortSignal) => Promise<Value> {
  let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
  return (signal) => {
    if (last === undefined || Date.now() - last.at > forMs) last = { at: Date.now(), value: ask(signal) };
    return last.value;
  };
}
