import type { Config } from '../config/schema.js';
import type { Secret } from '../config/secret.js';
import type { Trust } from '../hosts/http.js';

/** Where Grafana's certificate and key stand on the host, whoever made them. */
export const tlsFiles = { certificate: '/etc/grafana/tls.crt', key: '/etc/grafana/tls.key' } as const;

/** A certificate that the operator gave, checked, with its key. */
export interface GivenCertificate {
  /** PEM, with the chain if it has one. */
  readonly certificate: string;
  readonly key: Secret;
  /** A name that it is valid for. */
  readonly name: string;
}

/** Files that Grafana reads at its start for HTTPS. */
export function tlsPaths({ monitoring }: Pick<Config, 'monitoring'>): readonly string[] {
  return monitoring.grafana.https === false ? [] : [tlsFiles.certificate, tlsFiles.key];
}

/** Whom questions on the host believe to be Grafana; undefined without HTTPS. */
export function grafanaTrust(
  { monitoring }: Pick<Config, 'monitoring'>,
  given: Pick<GivenCertificate, 'name'> | undefined,
): Trust | undefined {
  if (monitoring.grafana.https === false) return undefined;
  return { certificate: tlsFiles.certificate, name: given?.name ?? 'localhost' };
}
