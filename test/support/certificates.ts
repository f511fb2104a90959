import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate with its key, in files and as text. */
export interface MadeCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes one that signs itself, in `directory`, which is made when missing. Needs openssl. */
export function makeCertificate(
  directory: string,
  { names = 'DNS:grafana.example.com', days = 90, cn = 'grafana' } = {},
): MadeCertificate {
  mkdirSync(directory, { recursive: true });
  const certificateFile = join(directory, 'tls.crt');
  const keyFile = join(directory, 'tls.key');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', String(days), '-subj', `/CN=${cn}`, '-keyout', keyFile, '-out', certificateFile],
      ...(names === '' ? [] : ['-addext', `subjectAltName=${names}`]),
    ],
    { stdio: 'ignore' },
  );
  const certificate = readFileSync(certificateFile, 'utf8');
  return { certificateFile, keyFile, certificate, key: readFileSync(keyFile, 'utf8') };
}
