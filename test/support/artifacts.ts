import { execFileSync, spawnSync } from 'node:child_process';
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

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cloudops-test-tools');

/** Programs out of Debian's packages, unpacked without installing, kept for the next run. */
export function debianProgram(pkg: string, path: string): string {
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

/** A directory with the programs of this machine's own Debian. */
export function ownPrograms(): string {
  prometheus();
  debianProgram('prometheus-node-exporter', 'usr/bin/prometheus-node-exporter');
  return dirname(debianProgram('prometheus-alertmanager', 'usr/bin/prometheus-alertmanager'));
}

/** Directories with the programs of Debian's newer suites, oldest first: those that scripts/promtools.mjs could get. */
export function newerPrograms(): readonly string[] {
  return ['trixie', 'sid']
    .map((suite) => join(cache, suite, 'usr/bin'))
    .filter((bin) => existsSync(join(bin, 'prometheus')) && existsSync(join(bin, 'promtool')));
}

/** What a program says that its version is, without Debian's additions. */
export function versionOf(program: string): string {
  const said = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /version (\d+\.\d+\.\d+)/.exec(`${said.stdout}${said.stderr}`)?.[1] ?? '';
}

/** Runs with a directory that is gone afterwards. */
function inDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-artifacts-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Shell that gives a machine the templates of Alertmanager: the publisher's has them in itself, Debian's in a directory. */
export function alertmanagerTemplates(bin = ownPrograms()): string {
  const packed = execFileSync('tar', ['-cC', join(bin, '../..'), 'usr/share/prometheus/alertmanager']);
  return `umask 022; base64 -d <<'END' | tar -xpC /\n${packed.toString('base64')}\nEND`;
}

/** Base name of a product's archive, and its programs: as the publisher calls them, as Debian does. */
const layouts = {
  prometheus: ['prometheus', { prometheus: 'prometheus', promtool: 'promtool' }],
  nodeExporter: ['node_exporter', { node_exporter: 'prometheus-node-exporter' }],
  alertmanager: ['alertmanager', { alertmanager: 'prometheus-alertmanager', amtool: 'amtool' }],
  grafana: ['grafana', {}],
} as const;

/** A release archive in its publisher's layout, with real programs of another version (Grafana: a stand-in). */
export function releaseArchive(
  product: keyof typeof layouts,
  version: string,
  bin?: string,
): { name: string; bytes: Buffer } {
  const [base, programs] = layouts[product];
  const name = `${base}-${version}.linux-amd64`;
  const bytes = inDirectory((directory) => {
    const top = join(directory, name);
    mkdirSync(join(top, 'bin'), { recursive: true });
    for (const [theirs, debians] of Object.entries(programs))
      cpSync(join(bin ?? ownPrograms(), debians), join(top, theirs));
    if (product === 'grafana') writeFileSync(join(top, 'bin/grafana'), standInGrafana, { mode: 0o755 });
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
    const putProgram = (from: string, to = from): void => {
      put(from, to);
      const needs = spawnSync('ldd', [from], { encoding: 'utf8' }).stdout;
      for (const [, library = ''] of needs.matchAll(/(\/\S+) \(0x/g)) put(library, library);
    };
    for (const [from, to] of Object.entries(programs)) putProgram(from, to);
    if (product === 'grafana') {
      // What the stand-in has before it for HTTPS, and no more of Python than that takes.
      const python = '/usr/bin/python3';
      const modules =
        'import sys, socket, ssl, threading, encodings.idna; [print(m.__file__) for m in sys.modules.values() if getattr(m, "__file__", None)]';
      const paths = execFileSync(python, ['-ESc', modules], { encoding: 'utf8' }).trim().split('\n');
      for (const path of [python, ...paths]) putProgram(path);
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
