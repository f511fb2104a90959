import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { passwordPath } from '../monitoring/facts.js';
import { prometheusPasswordPath } from '../monitoring/prometheus-login.js';
import type { SecretName, SecretStore } from './secret-store.js';

/** A password that is made once and kept twice: on the host that asks for it, and on this machine. */
export interface ServicePassword {
  /** For messages, e.g. `Grafana's admin password`. */
  readonly what: string;
  /** In the state directory of the stack, 0600, and under this name in SSM where that is wanted. */
  readonly file: SecretName;
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
  /** Keep it afterwards, where the config says. */
  readonly keep: boolean;
}

/** What the host was started with counts; else the one that is kept; else a new one. */
export async function servicePassword(
  which: ServicePassword,
  store: SecretStore,
  host: Host,
  { hostHash, keep }: PasswordOptions,
): Promise<Secret> {
  const kept = await store.read(which.file);
  const isRight = (secret: Secret): boolean => hostHash === undefined || hash(secret.reveal()) === hostHash;
  const known = kept !== undefined && isRight(kept) ? kept : undefined;
  const password = known ?? (hostHash === undefined ? newPassword() : await fromHost(which, host, hostHash));
  if (keep) await store.keep(which.file, password);
  return password;
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
