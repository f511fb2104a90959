import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';

/** On the monitoring host, 0600: Grafana's admin password. */
export const passwordOnHost = '/etc/grafana/admin-password';
/** On the monitoring host: one line that says why Grafana isn't there (the sandbox only). */
export const skippedOnHost = '/etc/cloudops/grafana-skipped';

export type Access = { readonly password: Secret } | { readonly skipped: string };

const mark = 'cloudops-access';

/** One round trip: Grafana's password, from the host or else the operator's own 0600 file; or why there is no Grafana. */
export async function grafanaAccess(host: Host, stateDir: string, signal?: AbortSignal): Promise<Access> {
  const script = [
    `[ -f ${skippedOnHost} ] && head -n 1 ${skippedOnHost}`,
    `echo '${mark}'`,
    `[ -f ${passwordOnHost} ] && head -n 1 ${passwordOnHost}`,
    `echo '${mark}'`,
  ].join('\n');
  const { stdout } = await host.exec(script, { signal });
  const parts = stdout.split(`${mark}\n`);
  if (parts.length !== 3) {
    throw new CloudopsError({
      code: 'HOST_BROKE_OFF',
      what: `${host.name} broke off while it was asked for Grafana's password.`,
      fix: ['Run the same command again.'],
    });
  }
  const [skipped = '', onHost = ''] = parts.map((part) => part.trim());
  if (skipped !== '') return { skipped };
  if (onHost !== '') return { password: new Secret(onHost) };
  return { password: await fromOperator(host, stateDir) };
}

async function fromOperator(host: Host, stateDir: string): Promise<Secret> {
  const file = join(stateDir, 'grafana-admin-password');
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.trim() !== '') return new Secret(text.trim());
  throw new CloudopsError({
    code: 'GRAFANA_NO_PASSWORD',
    what: `Grafana's admin password isn't on ${host.name}, nor on this machine.`,
    why: `Neither ${passwordOnHost} there nor ${file} here holds it.`,
    fix: ["Run 'cloudops monitoring configure': it sets Grafana up and keeps the password."],
  });
}
