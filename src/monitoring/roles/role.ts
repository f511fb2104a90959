import { loginLine, onLoopback, trustWords, type HostLogin, type Trust } from '../../hosts/http.js';
import { quote, quoteAll } from '../../hosts/shell.js';
import type { Step } from '../../hosts/step.js';
import type { ImageOptions } from '../../hosts/steps/image.js';
import { imageReference, release, type ImageProduct, type Product } from '../releases.js';
import type { KnownHost, MonitoringModel } from '../model.js';
import { notInBundle, type Bundle } from '../bundle.js';
import type { GivenCertificate } from '../grafana-tls.js';
import type { RoleFacts } from '../facts.js';
import type { PrometheusLogin } from '../prometheus-login.js';
import type { Secret } from '../../config/secret.js';

export type Runtime = 'docker' | 'native';

export type RoleName =
  'packages' | 'node-exporter' | 'alertmanager' | 'prometheus' | 'grafana' | 'application';

/** Everything a role may look at to say what a host should look like. */
export interface RoleInput {
  readonly model: MonitoringModel;
  readonly host: KnownHost;
  readonly facts: RoleFacts;
  /** Grafana's admin password; present when the host has that role. */
  readonly adminPassword: Secret | undefined;
  /** What runs Prometheus and Grafana; everything else runs under systemd. */
  readonly runtime: Runtime;
  /** Where archives and images come from, when not from their publishers or a mirror. */
  readonly bundle: Bundle | undefined;
  /** Grafana is wanted on the monitoring host, whether or not it can be had now. */
  readonly grafana: boolean;
  /** The secrets of `alerting.receivers`, in their order; where nobody reads them, placeholders stand in files. */
  readonly receiverSecrets?: readonly (Secret | undefined)[];
  /** The lines of `application.environmentFile`. */
  readonly applicationEnvironment?: Secret | undefined;
  /** Whom Prometheus lets in; wanted on the monitoring host where the config asks for a login. */
  readonly prometheusLogin?: PrometheusLogin | undefined;
  /** The certificate that the operator gave for Grafana, where the config names one. */
  readonly grafanaCertificate?: GivenCertificate | undefined;
}

/** What one role wants of one host: pure, no effects. */
export interface RoleSteps {
  readonly role: RoleName;
  readonly steps: readonly Step[];
}

/** What runs Prometheus unless somebody chose: containers where the distribution has none of its own. */
export function usualRuntime(
  { packageManager }: Pick<RoleFacts, 'packageManager'>,
  sandbox: boolean,
): Runtime {
  return packageManager === 'dnf' && !sandbox ? 'docker' : 'native';
}

/**
 * Whether a program comes with the distribution: Debian and Ubuntu have them in their own packages. Elsewhere, and
 * where a version is asked for or a bundle is given, they come from their publishers' archives.
 */
export function fromPackages(
  { facts, model, bundle }: Pick<RoleInput, 'facts' | 'model' | 'bundle'>,
  product: 'prometheus' | 'nodeExporter' | 'alertmanager',
): boolean {
  const asked = model.config.versions[product] !== undefined;
  return facts.packageManager === 'apt' && !asked && bundle === undefined;
}

/** The archive of a product: out of the bundle, else fetched by the host. Throws `BUNDLE_INCOMPLETE`. */
export function archiveOf(
  { model, facts, bundle }: Pick<RoleInput, 'facts' | 'model' | 'bundle'>,
  product: Product,
): { readonly url: string } & (
  | { readonly checksumUrl: string }
  | { readonly sha256: string; readonly bytes: number; readonly read: () => Promise<Uint8Array> }
) {
  const arch = facts.arch ?? 'amd64';
  const { url, checksumUrl, version } = release(model.config, product, arch);
  if (bundle === undefined) return { url, checksumUrl };
  const found = bundle.archive(product, arch);
  if (found?.version !== version) throw notInBundle(bundle, `${product} ${version} for ${arch}`);
  return { url: found.file, sha256: found.sha256, bytes: found.bytes, read: () => found.read() };
}

/** The image of a product: out of the bundle, else pulled by the host. Throws `BUNDLE_INCOMPLETE`. */
export function imageOf(
  { model, facts, bundle }: Pick<RoleInput, 'facts' | 'model' | 'bundle'>,
  product: ImageProduct,
): ImageOptions {
  const arch = facts.arch ?? 'amd64';
  const reference = imageReference(model.config, product);
  if (bundle === undefined) return { reference };
  const found = bundle.image(product, arch);
  if (found === undefined || found.reference.split(':').at(-1) !== reference.split(':').at(-1))
    throw notInBundle(bundle, `the image ${reference} for ${arch}`);
  return { reference: found.reference, archive: found };
}

/** How a service on the host is asked, where not plainly. */
export interface Asking {
  readonly login?: HostLogin | undefined;
  readonly trust?: Trust | undefined;
}

/** Shell that exits 0 when an address on the host answers with success. */
export function answers(port: number, path: string, how: Asking = {}): string {
  return `${get(port, path, how)} -o /dev/null`;
}

/** Shell that prints what an address on the host answers, and exits 0 when that is a success. */
export function get(port: number, path: string, { login, trust }: Asking = {}): string {
  const tls = trust === undefined ? '' : `${quoteAll(trustWords(trust))} `;
  const words = `-fsS --noproxy '*' --max-time 3 ${tls}${quote(onLoopback(port, trust) + path)}`;
  return login === undefined ? `curl ${words}` : `${loginLine(login)} | curl --config - ${words}`;
}
