import * as z from 'zod';

const file = z.string({ error: 'name a PEM file' }).min(1, 'name a PEM file');

const given = z.strictObject({ certificate: file, key: file });

/** How a service is reached by HTTPS, if it is: a certificate made on its host, or one that is given. */
export const https = z
  .union([z.literal(false), z.literal('self-signed'), given], {
    error: "use false, self-signed, or a section with 'certificate' and 'key', each a PEM file",
  })
  .describe('false: plain HTTP; self-signed: a certificate made on the host; or PEM files of this machine');

export type Https = z.output<typeof https>;

/** What Grafana's address begins with. */
export function grafanaScheme(monitoring: { readonly grafana: { readonly https: Https } }): 'http' | 'https' {
  return monitoring.grafana.https === false ? 'http' : 'https';
}
