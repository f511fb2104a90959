import type { Step } from '../../hosts/step.js';
import { absent } from '../../hosts/steps/absent.js';
import { files } from '../../hosts/steps/file.js';
import { selfSigned } from '../../hosts/steps/self-signed.js';
import { grafanaTrust, tlsFiles } from '../grafana-tls.js';
import { answers, type RoleInput } from './role.js';

/** The certificate that Grafana shows, as the config wants it; `owner` is who runs Grafana. */
export function tlsSteps({ model, host, grafanaCertificate }: RoleInput, owner: string): readonly Step[] {
  const { https } = model.config.monitoring.grafana;
  if (https === false) return [];
  if (https === 'self-signed') {
    const names = ['localhost', '127.0.0.1', host.address, host.privateAddress];
    const wanted = names.filter((name) => name !== undefined);
    return [selfSigned({ ...tlsFiles, owner, name: host.name, names: [...new Set(wanted)] })];
  }
  if (grafanaCertificate === undefined) throw new Error("Grafana's certificate is wanted");
  const { certificate, key } = grafanaCertificate;
  return [
    files({
      name: "Grafana's certificate",
      files: [
        { path: tlsFiles.certificate, content: certificate },
        { path: tlsFiles.key, content: key.reveal(), mode: 0o600, owner, secret: true },
      ],
    }),
  ];
}

/** After Grafana runs without: nobody needs certificate and key any more. */
export function noTlsSteps({ model }: RoleInput): readonly Step[] {
  if (model.config.monitoring.grafana.https !== false) return [];
  return [absent({ name: "certificate of Grafana's", paths: [tlsFiles.certificate, tlsFiles.key] })];
}

/** Shell that exits 0 when Grafana serves, and shows the certificate of the host. */
export function grafanaServes({ model: { config }, grafanaCertificate }: RoleInput): string {
  const trust = grafanaTrust(config, grafanaCertificate);
  return answers(config.monitoring.grafana.port, '/api/health', { trust });
}
