import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from '../lock-file.js';
import { docker, run } from './engine.js';
import { imageFiles, imageTag, PACKAGES, type Surroundings } from './image-files.js';
import {
  formatSources,
  ofRelease,
  reachSettings,
  readAuthorities,
  readRelease,
  readSources,
} from './package-sources.js';

/** Told what is being done, a line each. */
export type Report = (line: string) => void;

/** The image machines start from, built when it isn't there: the tag. One build at a time on this machine. */
export async function ensureImage(report: Report): Promise<string> {
  const surroundings = await readSurroundings();
  const files = imageFiles(surroundings);
  const tag = imageTag(files);
  if (await exists(tag)) return tag;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cloudops');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  return withLock(join(cache, 'image.lock'), async () => {
    if (!(await exists(tag))) await build(tag, files, surroundings, report);
    return tag;
  });
}

const exists = async (tag: string): Promise<boolean> =>
  (await run('docker', ['image', 'inspect', '--format', '{{.Id}}', tag])).code === 0;

async function build(
  tag: string,
  files: Readonly<Record<string, string>>,
  surroundings: Surroundings,
  report: Report,
): Promise<void> {
  const began = Date.now();
  report('building the machine image, once (about half a minute)');
  const base = await baseImage(tag, surroundings, report);
  const context = mkdtempSync(join(tmpdir(), 'cloudops-image-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(context, path)), { recursive: true });
      writeFileSync(join(context, path), text);
    }
    report('machine image: user, sshd and systemd units');
    await docker(['build', '--quiet', '--build-arg', `BASE=${base}`, '--tag', tag, context], {
      timeoutMs: 600_000,
    });
  } finally {
    rmSync(context, { recursive: true, force: true });
    if (base !== REGISTRY_BASE) await run('docker', ['rmi', base]);
  }
  report(`machine image ready after ${Math.round((Date.now() - began) / 1000)} s`);
  const unreached = await unreachedSource(tag, surroundings);
  if (unreached !== undefined)
    report(`warning: machines can't reach ${unreached}, where this machine has its packages from`);
}

const REGISTRY_BASE = 'debian:12';

async function baseImage(tag: string, surroundings: Surroundings, report: Report): Promise<string> {
  if ((await exists(REGISTRY_BASE)) || (await pull(report))) return REGISTRY_BASE;
  if (surroundings.sources === undefined)
    throw new Error(
      "no image registry answers, and this machine isn't Debian or Ubuntu, whose packages an image could be made of",
    );
  if ((await run('mmdebstrap', ['--version'])).code !== 0)
    throw new Error(
      "no image registry answers, and mmdebstrap is missing; 'apt-get install mmdebstrap' helps",
    );
  return bootstrap(tag.replace('-machine:', '-base:'), surroundings, report);
}

/** True when the registry gave the image. One that doesn't begin to answer within 10 s is taken for unreachable. */
async function pull(report: Report): Promise<boolean> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), 10_000);
  const answer = await run('docker', ['pull', REGISTRY_BASE], {
    timeoutMs: 300_000,
    signal: silence.signal,
    onLine(line) {
      if (!line.includes('Pulling from')) return;
      clearTimeout(timer);
      report(`machine image: pulling ${REGISTRY_BASE}`);
    },
  });
  clearTimeout(timer);
  return answer.code === 0;
}

/** Makes a root file system of the machine's own distribution from its own package sources. */
async function bootstrap(name: string, surroundings: Surroundings, report: Report): Promise<string> {
  report("machine image: no registry answers; from this machine's own package sources");
  const folder = mkdtempSync(join(tmpdir(), 'cloudops-base-'));
  try {
    const sources = join(folder, 'base.sources');
    writeFileSync(sources, surroundings.sources ?? '');
    const { codename } = readRelease();
    await pipe(
      bootstrapArguments(codename, sources, surroundings.aptSettings),
      ['import', '-', name],
      report,
    );
    return name;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Arguments of mmdebstrap: a tar stream on stdout, package lists kept, documentation left out. */
export function bootstrapArguments(
  codename: string,
  sources: string,
  aptSettings: readonly string[],
): string[] {
  const without = ['man', 'doc', 'locale', 'info'].map((dir) => `--dpkgopt=path-exclude=/usr/share/${dir}/*`);
  return [
    '--variant=apt',
    '--format=tar',
    '--dpkgopt=force-unsafe-io',
    ...without,
    '--skip=cleanup/apt/lists',
    '--aptopt=Acquire::Languages "none"',
    ...aptSettings.map((line) => `--aptopt=${line}`),
    `--include=${PACKAGES.join(',')}`,
    codename,
    '-',
    sources,
  ];
}

/** mmdebstrap's tar stream into `docker import`. */
function pipe(args: readonly string[], into: readonly string[], report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    const maker = spawn('mmdebstrap', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const taker = spawn('docker', into, { stdio: ['pipe', 'ignore', 'pipe'] });
    const said: string[] = [];
    const listen = (chunk: Buffer): void => {
      const lines = chunk.toString('utf8').split('\n');
      said.push(...lines.filter((line) => line.trim() !== ''));
      for (const line of lines) {
        const step = /^I: ((?:downloading|installing|creating).*?)\.*$/.exec(line)?.[1];
        if (step !== undefined) report(`machine image: ${step}`);
      }
    };
    maker.stderr.on('data', listen);
    taker.stderr.on('data', listen);
    maker.stdout.pipe(taker.stdin);
    taker.stdin.on('error', () => undefined);
    const ends = [maker, taker].map(
      (child) =>
        new Promise<number>((done) => {
          child.on('error', () => done(127));
          child.on('close', (code) => done(code ?? 137));
        }),
    );
    void Promise.all(ends).then(([made, taken]) => {
      if (made === 0 && taken === 0) resolve();
      else reject(new Error(`the machine image can't be made: ${said.slice(-4).join(' ')}`));
    });
  });
}

async function readSurroundings(): Promise<Surroundings> {
  const { id, codename } = readRelease();
  const authorities = readAuthorities();
  const own = id === 'debian' || id === 'ubuntu' ? ofRelease(readSources(), codename) : [];
  if (own.length === 0) return { sources: undefined, aptSettings: [], authorities };
  const dump = await run('apt-config', ['dump']);
  return { sources: formatSources(own), aptSettings: reachSettings(dump.stdout), authorities };
}

/** The first package source that a container on Docker's bridge gets no answer from; undefined when all is well. */
async function unreachedSource(tag: string, { sources }: Surroundings): Promise<string | undefined> {
  const uri = /^URIs: (\S+)/m.exec(sources ?? '')?.[1];
  if (uri?.startsWith('http') !== true) return undefined;
  const answer = await run(
    'docker',
    [
      'run',
      '--rm',
      '--entrypoint',
      'apt-get',
      tag,
      'update',
      '-q',
      '-o',
      'Acquire::http::Timeout=10',
      '-o',
      'Acquire::Retries=0',
      '--error-on=any',
    ],
    { timeoutMs: 30_000 },
  );
  return answer.code === 0 ? undefined : uri;
}
