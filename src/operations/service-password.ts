import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { passwordPath } from '../monitoring/facts.js';
import { prometheusPasswordPath } from '../monitoring/prometheus-login.js';

/** A password that is made once and kept twice: on the host that asks for it, and on this machine. */
export interface ServicePassword {
  /** For messages, e.g. `Grafana's admin password`. */
  readonly what: string;
  /** In the state directory of the stack, 0600. */
  readonly file: string;
  /** On the monitoring host, 0600. */
  readonly onHost: string;
  /** The code of the error when the host doesn't give it away. */
  readonly unreadable: string;
}

export const grafanaAdmin: ServicePassword = {
  what: "Grafana's admin password",
  file: 'grafana-admin-password',
  onHost: passwordPath,
  unreadable: 'GRAFANA_PASSWORD_UNREADABLE',
};

export const prometheusUser: ServicePassword = {
  what: "Prometheus' password",
  file: 'prometheus-password',
  onHost: prometheusPasswordPath,
  unreadable: 'PROMETHEUS_PASSWORD_UNREADABLE',
};

/** A new one: 192 random bits in 32 characters that no config format has to quote. */
export function newPassword(): Secret {
  return new Secret(randomBytes(24).toString('base64url'));
}

export interface PasswordOptions {
  /** sha256 of what the host has; undefined when it has none. */
  readonly hostHash: string | undefined;
  /** Keep it on this machine afterwards. */
  readonly keep: boolean;
}

/** What the host was started with counts; else the one kept here; else a new one. */
export async function servicePassword(
  which: ServicePassword,
  stateDir: string,
  host: Host,
  { hostHash, keep }: PasswordOptions,
): Promise<Secret> {
  const here = await heldPassword(which, stateDir);
  if (here !== undefined && (hostHash === undefined || hash(here.reveal()) === hostHash)) return here;
  const password = hostHash === undefined ? newPassword() : await fromHost(which, host, hostHash);
  if (keep) await savePassword(which, stateDir, password);
  return password;
}

/** What this machine holds, which may be older than the host's. */
export async function heldPassword(which: ServicePassword, stateDir: string): Promise<Secret | undefined> {
  const text = await readFile(join(stateDir, which.file), 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : new Secret(text.trim());
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function fromHost(which: ServicePassword, host: Host, hostHash: string): Promise<Secret> {
  const { stdout } = await host.exec(`cat ${which.onHost}`);
  if (hash(stdout) === hostHash) return new Secret(stdout);
  throw new CloudopsError({
    code: which.unreadable,
    what: `${which.what} on ${host.name} can't be read.`,
    fix: [`see whether ${which.onHost} on the host is changing, then run the same command again`],
  });
}

/** Keeps the password on this machine, 0600; whoever reads it sees the old one or the new. */
export async function savePassword(
  which: ServicePassword,
  stateDir: string,
  password: Secret,
): Promise<void> {
  const path = join(stateDir, which.file);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${password.reveal()}\n`, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
}
