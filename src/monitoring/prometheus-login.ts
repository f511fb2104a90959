import { stringify } from 'yaml';
import type { Config } from '../config/schema.js';
import type { Secret } from '../config/secret.js';
import type { HostLogin } from '../hosts/http.js';
import type { FileContent } from '../hosts/stage.js';

/** Prometheus' password on the host, 0600: what it scrapes itself with, and what questions asked there send. */
export const prometheusPasswordPath = '/etc/prometheus/cloudops-password';
/** The same for Grafana's data source, readable by Grafana only. */
export const grafanaLoginPath = '/etc/grafana/prometheus-password';
/** Whom Prometheus lets in. It reads the file anew at each request. */
export const webConfigPath = '/etc/prometheus/web.yml';

/** Who may ask Prometheus, with the hash that it knows the password by. */
export interface PrometheusLogin {
  readonly password: Secret;
  /** bcrypt. */
  readonly hash: string;
}

/** The login as the host itself has it. */
export const prometheusLogin: HostLogin = { name: 'cloudops', passwordFile: prometheusPasswordPath };

/** The login that questions from the host send; undefined where Prometheus asks for none. */
export function loginOf({ monitoring }: Pick<Config, 'monitoring'>): HostLogin | undefined {
  return monitoring.prometheus.basicAuth ? prometheusLogin : undefined;
}

/** With the hash of its password, which is made here: bcrypt is loaded only where it is needed. */
export async function hashed(password: Secret): Promise<PrometheusLogin> {
  const { passwordHash } = await import('./password-hash.js');
  return { password, hash: passwordHash(password) };
}

/** The files that make Prometheus ask for the login; the first is what promtool checks. `owner` is who runs it. */
export function loginFiles(
  { password, hash }: PrometheusLogin,
  owner: string,
): readonly (FileContent & { readonly secret: true })[] {
  const users = stringify({ basic_auth_users: { [prometheusLogin.name]: hash } }, { lineWidth: 0 });
  const web = `# Written by cloudops; the next run replaces what is changed here by hand.\n${users}`;
  return [
    { path: webConfigPath, content: web, mode: 0o600, owner, secret: true },
    { path: prometheusPasswordPath, content: password.reveal(), mode: 0o600, owner, secret: true },
  ];
}
