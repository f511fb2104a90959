import { X509Certificate } from 'node:crypto';

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** A name or address that it is valid for. */
  readonly name: string;
  readonly ends: Date;
  readonly begins: Date;
  /** sha256, as `openssl x509 -fingerprint -sha256` writes it. */
  readonly fingerprint: string;
}

/** Of the first certificate of a PEM text. Throws what node:crypto throws when there is none. */
export function certificateFacts(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  return {
    name: nameOf(certificate),
    begins: new Date(certificate.validFrom),
    ends: new Date(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  };
}

/** A certificate may be for many names; for a wildcard one below it will do. */
function nameOf({ subjectAltName = '', subject }: X509Certificate): string {
  const of = (kind: string): readonly string[] =>
    [...subjectAltName.matchAll(new RegExp(String.raw`(?:^|, )${kind}:([\w*.-]+)(?=,|$)`, 'g'))].map(
      ([, name = '']) => name.replace(/^\*/, 'grafana'),
    );
  const common = /^CN=([\w.-]+)$/m.exec(subject)?.[1];
  return of('DNS')[0] ?? of('IP Address')[0] ?? common ?? 'localhost';
}
