import type { Host } from '../hosts/host.js';
import type { RoleFacts } from '../monitoring/facts.js';
import { hashed } from '../monitoring/prometheus-login.js';
import type { RoleInput, RoleName } from '../monitoring/roles/role.js';
import type { Context } from './context.js';
import type { SecretStore } from './secret-store.js';
import { grafanaAdmin, prometheusUser, servicePassword } from './service-password.js';

/** A host as it told of itself, and what is wanted of it. */
export interface SecretsFor {
  readonly host: Host;
  readonly facts: RoleFacts;
  readonly wanted: readonly RoleName[];
  readonly store: SecretStore;
  /** Keep what is made or learned. */
  readonly keep: boolean;
}

/** The passwords of the services that a host is to run. */
export async function hostSecrets(
  { config }: Pick<Context, 'config'>,
  { host, facts, wanted, keep, store }: SecretsFor,
): Promise<Pick<RoleInput, 'adminPassword' | 'prometheusLogin'>> {
  const asks = wanted.includes('prometheus') && config.monitoring.prometheus.basicAuth;
  const adminPassword = wanted.includes('grafana')
    ? await servicePassword(grafanaAdmin, store, host, { hostHash: facts.grafanaPassword, keep })
    : undefined;
  const hostHash = facts.prometheusPassword;
  const prometheusLogin = asks
    ? await hashed(await servicePassword(prometheusUser, store, host, { hostHash, keep }))
    : undefined;
  return { adminPassword, prometheusLogin };
}
