import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import { certificateFacts } from '../hosts/certificate.js';
import type { Host } from '../hosts/host.js';
import type { Trust } from '../hosts/http.js';

/** On the monitoring host, 0600: Grafana's admin password. */
export const passwordOnHost = '/etc/grafana/admin-password';
/** On the monitoring host: one line that says why Grafana isn't there (the sandbox only). */
export const skippedOnHost = '/etc/cloudops/grafana-skipped';

/** On the monitoring host: the certificate that Grafana shows, where it is reached by HTTPS. */
export const certificateOnHost = '/etc/grafana/tls.crt';

/** What Grafana is reached with. */
export interface GrafanaLogin {
  readonly password: Secret;
  /** What it must show; undefined without HTTPS. */
  readonly trust: Trust | undefined;
  /** The same in PEM. */
  readonly certificate: string | undefined;
}

export type Access = GrafanaLogin | { readonly skipped: string };

export interface AccessOptions {
  /** Where the operator's own 0600 file may be. */
  readonly stateDir: string;
  readonly https: boolean;
  readonly signal?: AbortSignal;
}

const mark = 'cloudops-access';

/** One round trip: Grafana's password, from the host or else the operator's file, and its certificate; or why there is no Grafana. */
export async function grafanaAccess(host: Host, { stateDir, https, signal }: AccessOptions): Promise<Access> {
  const script = [
    `[ -f ${skippedOnHost} ] && head -n 1 ${skippedOnHost}`,
    `echo '${mark}'`,
    `[ -f ${passwordOnHost} ] && head -n 1 ${passwordOnHost}`,
    `echo '${mark}'`,
    ...(https ? [`cat ${certificateOnHost} 2>/dev/null`, `echo '${mark}'`] : []),
  ].join('\n');
  const { stdout } = await host.exec(script, { signal });
  const parts = stdout.split(`${mark}\n`);
  if (parts.length !== (https ? 4 : 3)) {
    throw new CloudopsError({
      code: 'HOST_BROKE_OFF',
      what: `${host.name} broke off while it was asked for Grafana's password.`,
      fix: ['Run the same command again.'],
    });
  }
  const [skipped = '', onHost = '', pem = ''] = parts.map((part) => part.trim());
  if (skipped !== '') return { skipped };
  const password = onHost === '' ? await fromOperator(host, stateDir) : new Secret(onHost);
  if (!https) return { password, trust: undefined, certificate: undefined };
  return { password, trust: trustIn(host, pem), certificate: pem };
}

function trustIn(host: Host, pem: string): Trust {
  try {
    return { certificate: certificateOnHost, name: certificateFacts(pem).name };
  } catch {
    throw new CloudopsError({
      code: 'GRAFANA_NO_CERTIFICATE',
      what: `There is no certificate of Grafana's on ${host.name}.`,
      why: `'monitoring.grafana.https' is set, but ${certificateOnHost} holds none.`,
      fix: ["Run 'cloudops monitoring configure': it puts one there."],
    });
  }
}

async function fromOperator(host: Host, stateDir: string): Promise<Secret> {
  const file = join(stateDir, 'grafana-admin-password');
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.trim() !== '') return new Secret(text.trim());
  throw new CloudopsError({
    code: 'GRAFANA_NO_PASSWORD',
    what: `Grafana's admin password isn't on ${host.name}, nor on this machine.`,
    why: `Neither ${passwordOnHost} there nor ${file} here holds it.`,
    fix: [
      "Run 'cloudops monitoring configure': it sets Grafana up and keeps the password.",
      "Or set 'monitoring.grafana.enabled: false' in cloudops.yaml where none is wanted.",
    ],
  });
}
