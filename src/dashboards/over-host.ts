import type { Secret } from '../config/secret.js';
import type { Host } from '../hosts/host.js';
import { requestFrom } from '../hosts/http.js';
import type { Transport } from './transport.js';

/** Through the connection to the monitoring host, to Grafana's port on its loopback. */
export function overHost(host: Host, port: number, password: Secret): Transport {
  const base = `http://127.0.0.1:${port}`;
  return {
    place: `Grafana on ${host.name} (port ${port})`,
    request: (method, path, body) =>
      requestFrom(host, {
        method,
        url: `${base}${path}`,
        user: { name: 'admin', password },
        ...(body === undefined ? {} : { body }),
      }),
  };
}
