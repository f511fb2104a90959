import { certificateFacts } from '../../hosts/certificate.js';
import { silenceOf } from '../answer.js';
import { peerFingerprint } from '../peer-certificate.js';
import type { Finding, Probe } from '../probe.js';

/** From how many days before its end on a certificate is told of. */
const soonDays = 30;

export interface GrafanaHttps {
  /** Where this machine reaches Grafana; undefined: not at all. */
  readonly address: string | undefined;
  readonly port: number;
  /** Made on the host, or given by the operator: it says what to do about it. */
  readonly made: boolean;
  /** The certificate in the host's file, in PEM; or why there is no Grafana. Rejects when it can't be found out. */
  readonly certificate: () => Promise<string | { readonly skipped: string }>;
}

/** Grafana shows the certificate that its host has, to this machine too, and it lasts for a while. */
export function grafanaCertificate(target: string, grafana: GrafanaHttps): Probe {
  return {
    id: 'grafana.certificate',
    target,
    title: `Certificate of Grafana on ${target}`,
    async run(signal) {
      const pem = await grafana.certificate();
      if (typeof pem !== 'string') return { status: 'skip', message: `needs Grafana on ${target}` };
      const { ends, fingerprint, name } = certificateFacts(pem);
      const days = Math.floor((ends.getTime() - Date.now()) / 86_400_000);
      if (days < soonDays) return endsSoon(days, ends, grafana.made);
      const shown = await shownHere(grafana, signal);
      const valid = `for ${name}, until ${ends.toISOString().slice(0, 10)}`;
      if (shown === undefined)
        return {
          status: 'pass',
          message: `${valid}; port ${String(grafana.port)} is not reachable from this machine`,
        };
      return shown === fingerprint
        ? { status: 'pass', message: valid }
        : another(grafana, shown, fingerprint);
    },
  };
}

async function shownHere({ address, port }: GrafanaHttps, signal: AbortSignal): Promise<string | undefined> {
  if (address === undefined) return undefined;
  return peerFingerprint({ host: address, port, timeoutMs: 4000 }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    // Whatever it is that answers, it isn't TLS.
    if (silenceOf(error instanceof Error ? error.message : String(error)) === 'broken') return 'none';
    return undefined;
  });
}

function endsSoon(days: number, ends: Date, made: boolean): Finding {
  const when = days < 0 ? `ended on ${ends.toISOString().slice(0, 10)}` : `ends in ${String(days)} days`;
  return {
    status: 'fail',
    message: `the certificate ${when}`,
    expected: `at least ${String(soonDays)} days`,
    hint: made
      ? "Run 'cloudops monitoring configure': it makes a new one."
      : "Renew the file that 'monitoring.grafana.https' names, then run 'cloudops monitoring configure'.",
  };
}

function another({ address, port }: GrafanaHttps, shown: string, wanted: string): Finding {
  return {
    status: 'fail',
    message: `${address ?? ''}:${String(port)} shows ${shown === 'none' ? 'no certificate' : `another certificate (${shown})`}`,
    expected: `the one of the host (${wanted})`,
    hint: "Run 'cloudops monitoring configure': it restarts a Grafana that runs with an older one. If it stays, something else answers there.",
  };
}
