import type { Config } from '../config/schema.js';

/** What we take from its publisher where the distribution doesn't have it. */
export type Product = 'prometheus' | 'nodeExporter' | 'grafana' | 'alertmanager';

/** Machine architectures as publishers name them. */
export type Architecture = 'amd64' | 'arm64';

/** Where one release archive comes from. */
export interface Release {
  readonly product: Product;
  readonly version: string;
  readonly url: string;
  /** The publisher's own checksum file: `HASH  FILE` lines, or one line. */
  readonly checksumUrl: string;
}

/** What runs in containers, where the docker runtime is chosen. */
export type ImageProduct = 'prometheus' | 'grafana';

interface Source {
  /** Used unless `versions.*` names another. */
  readonly version: string;
  readonly file: (version: string, architecture: Architecture) => string;
  readonly base: (version: string) => string;
  /** The name of the checksum file at the publisher, given the archive's. */
  readonly checksums: (file: string) => string;
}

const project = (name: string) => (version: string) =>
  `https://github.com/prometheus/${name}/releases/download/v${version}`;
const archiveOf = (name: string) => (version: string, architecture: Architecture) =>
  `${name}-${version}.linux-${architecture}.tar.gz`;

/** The one table of versions and publishers. */
const sources: Readonly<Record<Product, Source>> = {
  prometheus: {
    version: '3.13.5',
    file: archiveOf('prometheus'),
    base: project('prometheus'),
    checksums: () => 'sha256sums.txt',
  },
  nodeExporter: {
    version: '1.12.1',
    file: archiveOf('node_exporter'),
    base: project('node_exporter'),
    checksums: () => 'sha256sums.txt',
  },
  alertmanager: {
    version: '0.34.0',
    file: archiveOf('alertmanager'),
    base: project('alertmanager'),
    checksums: () => 'sha256sums.txt',
  },
  grafana: {
    version: '12.4.11',
    file: archiveOf('grafana'),
    base: () => 'https://dl.grafana.com/oss/release',
    checksums: (file) => `${file}.sha256`,
  },
};

/**
 * The release of a product for an architecture: `versions.*` overrides the version, `artifacts.mirror` the base URL
 * (a mirror has FILE.sha256 beside each file).
 */
export function release(config: Config, product: Product, architecture: Architecture): Release {
  const source = sources[product];
  const version = config.versions[product] ?? source.version;
  const file = source.file(version, architecture);
  const mirror = config.artifacts.mirror?.replace(/\/+$/, '');
  const base = mirror ?? source.base(version);
  const checksums = mirror === undefined ? source.checksums(file) : `${file}.sha256`;
  return { product, version, url: `${base}/${file}`, checksumUrl: `${base}/${checksums}` };
}

/** Where images are kept by their publishers, below a registry. */
const images: Readonly<Record<ImageProduct, string>> = {
  prometheus: 'prom/prometheus',
  grafana: 'grafana/grafana',
};

/**
 * The image of a product, with the release as its tag. `artifacts.registry` (host, port and path, no scheme) stands
 * before the publisher's name; it must keep images under the same names.
 */
export function imageReference(config: Config, product: ImageProduct): string {
  const version = config.versions[product] ?? sources[product].version;
  const registry = config.artifacts.registry?.replace(/\/+$/, '');
  const tag = product === 'prometheus' ? `v${version}` : version;
  return `${registry === undefined ? '' : `${registry}/`}${images[product]}:${tag}`;
}
