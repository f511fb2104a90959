import type { Host } from '../hosts/host.js';
import { onLoopback, requestFrom } from '../hosts/http.js';
import type { GrafanaLogin } from './access.js';
import type { Transport } from './transport.js';

/** Through the connection to the monitoring host, to Grafana's port on its loopback. */
export function overHost(
  host: Host,
  port: number,
  { password, trust }: Pick<GrafanaLogin, 'password' | 'trust'>,
): Transport {
  const base = onLoopback(port, trust);
  return {
    place: `Grafana on ${host.name} (port ${port})`,
    request: (method, path, body) =>
      requestFrom(host, {
        method,
        url: `${base}${path}`,
        user: { name: 'admin', password },
        trust,
        ...(body === undefined ? {} : { body }),
      }),
  };
}
