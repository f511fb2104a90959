import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config } from '../config/schema.js';
import { Secret } from '../config/secret.js';
import { CloudopsError, exitCodes } from '../errors.js';
import { certificateFacts } from '../hosts/certificate.js';
import type { GivenCertificate } from '../monitoring/grafana-tls.js';

/**
 * The certificate and key that the config names for Grafana, checked before any host is touched: they can be read,
 * belong together, and are valid now. Undefined where none is named.
 */
export async function readGrafanaCertificate(
  { monitoring }: Pick<Config, 'monitoring'>,
  now = new Date(),
): Promise<GivenCertificate | undefined> {
  const { enabled, https } = monitoring.grafana;
  if (!enabled || typeof https !== 'object') return undefined;
  const [certificate, key] = await Promise.all([pemFile(https.certificate), pemFile(https.key)]);
  const parsed = parse(https.certificate, 'certificate', () => new X509Certificate(certificate));
  const { begins, ends, name } = certificateFacts(certificate);
  if (!parsed.checkPrivateKey(privateKey(https.key, key)))
    throw refused('GRAFANA_KEY_STRANGE', `The key in ${https.key} isn't that of the certificate.`, {
      why: `It doesn't belong to the first certificate in ${https.certificate}, which is for ${name}.`,
      fix: "name the key that the certificate was made for; the server's own certificate stands first in the file",
    });
  if (now > ends)
    throw refused('GRAFANA_CERTIFICATE_EXPIRED', `The certificate in ${https.certificate} has expired.`, {
      why: `It was valid until ${ends.toISOString()}.`,
      fix: 'put a renewed one in its place',
    });
  if (now < begins)
    throw refused('GRAFANA_CERTIFICATE_EXPIRED', `The certificate in ${https.certificate} isn't valid yet.`, {
      why: `It is valid from ${begins.toISOString()}.`,
      fix: "wait until then, or see whether this machine's clock is right",
    });
  return { certificate, key: new Secret(key), name };
}

async function pemFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw refused('GRAFANA_CERTIFICATE_UNREADABLE', `${path} can't be read.`, {
      why: error instanceof Error ? error.message : String(error),
      fix: "check 'monitoring.grafana.https' in the config; paths are from its folder",
    });
  });
}

function privateKey(path: string, pem: string): KeyObject {
  if (pem.includes('ENCRYPTED'))
    throw refused('GRAFANA_CERTIFICATE_INVALID', `The key in ${path} is encrypted.`, {
      fix: "Grafana can't ask for a passphrase: decrypt it, 'openssl pkey -in KEY -out NEW'",
    });
  return parse(path, 'private key', () => createPrivateKey(pem));
}

function parse<Value>(path: string, what: string, read: () => Value): Value {
  try {
    return read();
  } catch {
    // OpenSSL's words would help nobody, and might quote the key.
    throw refused('GRAFANA_CERTIFICATE_INVALID', `There is no ${what} in ${path}.`, {
      fix: `put one there in PEM format, with its lines '-----BEGIN' and '-----END'`,
    });
  }
}

function refused(code: string, what: string, more: { why?: string; fix: string }): CloudopsError {
  return new CloudopsError({
    code,
    what: `${what} Nothing was touched.`,
    why: more.why,
    fix: [more.fix],
    exit: exitCodes.usage,
  });
}
