import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Artifact } from '../../src/config/bundle-manifest.js';
import { standInGrafana } from './stand-in-grafana.js';

/** Programs out of Debian's packages, unpacked without installing, kept for the next run. */
export function debianProgram(pkg: string, path: string): string {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cloudops-test-tools');
  const program = join(cache, path);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  execFileSync('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', pkg], { cwd: cache });
  const deb = readdirSync(cache).find((file) => file.startsWith(`${pkg}_`) && file.endsWith('.deb'));
  execFileSync('dpkg', ['-x', join(cache, deb ?? ''), cache]);
  return program;
}

const prometheus = (): string => debianProgram('prometheus', 'usr/bin/prometheus');
const promtool = (): string => debianProgram('prometheus', 'usr/bin/promtool');
const nodeExporter = (): string =>
  debianProgram('prometheus-node-exporter', 'usr/bin/prometheus-node-exporter');

/** Runs with a directory that is gone afterwards. */
function inDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-artifacts-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A release archive in its publisher's layout, with real programs of another version (Grafana: a stand-in). */
export function releaseArchive(
  product: 'prometheus' | 'nodeExporter' | 'grafana',
  version: string,
): { name: string; bytes: Buffer } {
  const base = { prometheus: 'prometheus', nodeExporter: 'node_exporter', grafana: 'grafana' }[product];
  const name = `${base}-${version}.linux-amd64`;
  const bytes = inDirectory((directory) => {
    const top = join(directory, name);
    mkdirSync(join(top, 'bin'), { recursive: true });
    if (product === 'prometheus') {
      cpSync(prometheus(), join(top, 'prometheus'));
      cpSync(promtool(), join(top, 'promtool'));
    } else if (product === 'nodeExporter') cpSync(nodeExporter(), join(top, 'node_exporter'));
    else writeFileSync(join(top, 'bin/grafana'), standInGrafana, { mode: 0o755 });
    execFileSync('tar', ['--use-compress-program', 'gzip -1', '-cf', 'archive', name], { cwd: directory });
    return readFileSync(join(directory, 'archive'));
  });
  return { name: `${name}.tar.gz`, bytes };
}

/** An image in the layout of its publisher's, as `docker save` writes it, made from Debian's programs. */
export function savedImage(product: 'prometheus' | 'grafana', reference: string): Buffer {
  return inDirectory((directory) => {
    const root = join(directory, 'root');
    const put = (from: string, to: string): void => {
      mkdirSync(dirname(join(root, to)), { recursive: true });
      cpSync(from, join(root, to), { dereference: true, recursive: true });
    };
    for (const path of ['tmp', 'etc', 'var/lib', 'proc', 'sys', 'dev'])
      mkdirSync(join(root, path), { recursive: true });
    const programs =
      product === 'prometheus'
        ? { [prometheus()]: '/bin/prometheus', [promtool()]: '/bin/promtool' }
        : { '/usr/bin/perl': '/usr/bin/perl' };
    for (const [from, to] of Object.entries(programs)) {
      put(from, to);
      for (const [, library = ''] of execFileSync('ldd', [from], { encoding: 'utf8' }).matchAll(
        /(\/\S+) \(0x/g,
      ))
        put(library, library);
    }
    if (product === 'grafana') {
      put('/usr/lib/x86_64-linux-gnu/perl-base', '/usr/lib/x86_64-linux-gnu/perl-base');
      mkdirSync(join(root, 'usr/share/grafana/bin'), { recursive: true });
      writeFileSync(join(root, 'usr/share/grafana/bin/grafana'), standInGrafana, { mode: 0o755 });
    }
    execFileSync('tar', ['-cf', 'root.tar', '-C', root, '.'], { cwd: directory });
    execFileSync('docker', ['import', 'root.tar', reference], { cwd: directory });
    execFileSync('docker', ['save', '--output', 'image.tar', reference], { cwd: directory });
    execFileSync('docker', ['rmi', reference]);
    return readFileSync(join(directory, 'image.tar'));
  });
}

/** Writes a bundle with these files. */
export function writeBundle(
  directory: string,
  files: readonly { readonly artifact: Omit<Artifact, 'sha256' | 'arch'>; readonly bytes: Buffer }[],
): void {
  mkdirSync(directory, { recursive: true });
  const artifacts = files.map(({ artifact, bytes }) => {
    writeFileSync(join(directory, artifact.file), bytes);
    return { ...artifact, arch: 'amd64', sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: 1, artifacts }));
}
