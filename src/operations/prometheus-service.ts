import { loginOf } from '../monitoring/prometheus-login.js';
import { type LoggedIn, service, type Service, type ServiceLogin } from '../verify/service.js';
import type { Context } from './context.js';
import { localSecrets } from './secret-store.js';
import { prometheusUser } from './service-password.js';

export interface PrometheusWhere {
  /** Where this machine reaches it. */
  readonly address: string | undefined;
  readonly host: LoggedIn;
  readonly login: ServiceLogin | undefined;
}

/** The stack's Prometheus, asked straight where that works, else from its host. */
export function prometheusService({ config }: Context, where: PrometheusWhere): Service {
  return service({ name: 'Prometheus', port: config.monitoring.prometheus.port, ...where });
}

/** What Prometheus asks for, with the password that this machine holds; undefined where it asks for none. */
export async function prometheusLoginOf({ config, stateDir }: Context): Promise<ServiceLogin | undefined> {
  const onHost = loginOf(config);
  return onHost && { onHost, held: await localSecrets(stateDir).read(prometheusUser.file) };
}
