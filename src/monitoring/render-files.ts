import { Secret } from '../config/secret.js';
import { template } from '../templates.js';
import type { RoleFacts } from './facts.js';
import type { GivenCertificate } from './grafana-tls.js';
import type { KnownHost, MonitoringModel } from './model.js';
import type { RoleInput, Runtime } from './roles/role.js';
import { roleNames, roleSteps } from './roles/roles.js';

export interface RenderedFile {
  /** Below the directory that is written. */
  readonly path: string;
  readonly content: string;
}

export interface RenderOptions {
  readonly grafana: boolean;
  readonly application: boolean;
  /** The programs come with the distribution (Debian, Ubuntu), or from their publishers. */
  readonly packaged: boolean;
  /** What runs Prometheus and Grafana. */
  readonly runtime: Runtime;
  /** Where the config names one. */
  readonly certificate?: GivenCertificate | undefined;
}

/** What a memory limit is reckoned from where no host was asked: a t3.medium's. */
const memoryBytes = 4 * 2 ** 30;

/**
 * Every file that `monitoring configure` writes, but for secrets; pure. Taken from the steps themselves, so that none
 * is missing. What only a host can tell (its system, the size of its disk) is taken from the config.
 */
export function renderFiles(model: MonitoringModel, options: RenderOptions): readonly RenderedFile[] {
  const written = model.hosts.flatMap((host) => filesOf(host, model, options));
  const requirements = options.application && !options.packaged && hasPlaceholder(model);
  const all = [
    ...written,
    ...(requirements ? [{ path: 'app/requirements.txt', content: template('app/requirements.txt') }] : []),
  ];
  return [...new Map(all.map((one) => [one.path, one])).values()].sort((a, b) => depth(a) - depth(b));
}

/** What is read first stands first: Prometheus' own files, then the rest as the roles come. */
const depth = ({ path }: RenderedFile): number => (path.includes('/') ? 1 : 0);

const hasPlaceholder = ({ hosts, config }: MonitoringModel): boolean =>
  config.application.image === undefined && hosts.some(({ role }) => role === 'application');

function filesOf(host: KnownHost, model: MonitoringModel, options: RenderOptions): readonly RenderedFile[] {
  const input: RoleInput = {
    model,
    host,
    facts: assumed(model, options),
    adminPassword: new Secret('not rendered'),
    runtime: options.runtime,
    bundle: undefined,
    grafana: options.grafana,
    grafanaCertificate: options.certificate,
    prometheusLogin: { password: new Secret('not rendered'), hash: 'not rendered' },
  };
  return roleSteps(roleNames(host.role, options), input)
    .flatMap(({ steps }) => steps)
    .flatMap(({ files = [] }) => files)
    .filter(({ secret }) => secret !== true)
    .map(({ path, content }) => ({ path: below(path), content: text(content) }));
}

/** A host like those that the config describes. */
function assumed({ config }: MonitoringModel, { packaged }: RenderOptions): RoleFacts {
  return {
    os: packaged ? 'debian' : 'amzn',
    osVersion: '',
    arch: 'amd64',
    hostname: '',
    privateAddress: undefined,
    systemd: true,
    packageManager: packaged ? 'apt' : 'dnf',
    diskBytes: config.monitoring.volumeSize * 2 ** 30,
    memoryBytes,
    docker: false,
    grafanaInstalled: false,
    grafanaPassword: undefined,
    prometheusPassword: undefined,
    grafanaSkipped: undefined,
  };
}

const places: readonly (readonly [from: string, to: string])[] = [
  ['/etc/prometheus/', ''],
  ['/etc/systemd/system/', 'systemd/'],
  ['/opt/cloudops-app/', 'app/'],
  ['/opt/cloudops/', ''],
  ['/etc/', ''],
];

function below(path: string): string {
  const place = places.find(([from]) => path.startsWith(from));
  return place === undefined ? path.slice(1) : place[1] + path.slice(place[0].length);
}

function text(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
