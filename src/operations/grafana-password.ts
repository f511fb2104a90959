import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { passwordPath } from '../monitoring/facts.js';

/**
 * Grafana's admin password. What the host was started with counts; else the one kept here; else a new one. Kept in
 * `grafana-admin-password` (0600) of the state directory afterwards, unless `keep` is false.
 */
export async function adminPassword(
  stateDir: string,
  host: Host,
  hostHash: string | undefined,
  keep: boolean,
): Promise<Secret> {
  const path = join(stateDir, 'grafana-admin-password');
  const here = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (here !== undefined && here !== '' && (hostHash === undefined || hash(here) === hostHash)) {
    return new Secret(here);
  }
  const password =
    hostHash === undefined ? randomBytes(24).toString('base64url') : await fromHost(host, hostHash);
  if (keep) await savePassword(stateDir, new Secret(password));
  return new Secret(password);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function fromHost(host: Host, hostHash: string): Promise<string> {
  const { stdout } = await host.exec(`cat ${passwordPath}`);
  if (hash(stdout) === hostHash) return stdout;
  throw new CloudopsError({
    code: 'GRAFANA_PASSWORD_UNREADABLE',
    what: `Grafana's admin password on ${host.name} can't be read.`,
    fix: [`see whether ${passwordPath} on the host is changing, then run the same command again`],
  });
}

/** Keeps the password on this machine, 0600; whoever reads it sees the old one or the new. */
export async function savePassword(stateDir: string, password: Secret): Promise<void> {
  const path = join(stateDir, 'grafana-admin-password');
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${password.reveal()}\n`, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
