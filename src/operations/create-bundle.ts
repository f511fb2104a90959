import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manifestFile, type Artifact, type BundleManifest } from '../config/bundle-manifest.js';
import { execute } from '../engine/execute.js';
import type { Report, Task } from '../engine/task.js';
import { CloudopsError } from '../errors.js';
import type { BundledImageName } from '../monitoring/bundle.js';
import { fetchRelease } from '../monitoring/fetch-release.js';
import {
  imageReference,
  release,
  type Architecture,
  type ImageProduct,
  type Product,
} from '../monitoring/releases.js';
import { applicationImage, bundledName } from '../monitoring/team-application.js';
import type { Context } from './context.js';
import { saveWheels } from './save-wheels.js';

export interface CreateBundleOptions {
  /** Made when missing; its manifest is written last. */
  readonly out: string;
  readonly architectures: readonly Architecture[];
  /** Images for the docker runtime, or archives for the native one. */
  readonly runtime: 'docker' | 'native';
  /** The program that pulls and saves images; default `docker`. */
  readonly docker?: string;
  /** The Python whose pip fetches the placeholder's packages; default `python3`. */
  readonly python?: string;
}

export interface CreatedBundle {
  readonly directory: string;
  readonly artifacts: readonly Artifact[];
}

/** Everything that hosts would fetch, but for packages of the distribution, into a directory. Without a manifest it is no bundle. */
export async function createBundle(
  context: Pick<Context, 'config' | 'on' | 'signal'>,
  options: CreateBundleOptions,
): Promise<{ readonly result: CreatedBundle; readonly report: Report }> {
  const { out } = options;
  await mkdir(out, { recursive: true });
  await rm(join(out, manifestFile), { force: true });
  const made = new Map<string, Artifact>();
  const tasks = options.architectures.flatMap((arch) => tasksFor(context, options, arch, made));
  const report = await execute(tasks, { on: context.on, signal: context.signal, limit: 2 });
  const artifacts = tasks.flatMap(({ id }) => made.get(id) ?? []);
  if (report.ok) {
    const manifest: BundleManifest = { version: 1, artifacts: [...artifacts] };
    await writeFile(join(out, `${manifestFile}.new`), `${JSON.stringify(manifest, undefined, 2)}\n`);
    await rename(join(out, `${manifestFile}.new`), join(out, manifestFile));
  }
  return { result: { directory: out, artifacts }, report };
}

/** A text says why there is nothing to be made. */
type Make = (signal: AbortSignal) => Promise<Artifact | string>;

function tasksFor(
  { config, on }: Pick<Context, 'config' | 'on'>,
  { out, runtime, docker = 'docker', python = 'python3' }: CreateBundleOptions,
  arch: Architecture,
  made: Map<string, Artifact>,
): readonly Task[] {
  const grafana = config.monitoring.grafana.enabled;
  const task = (id: string, make: Make): Task => ({
    id: `${id} ${arch}`,
    title: `${id} (${arch})`,
    after: [],
    run: async ({ signal }) => {
      const artifact = await make(signal);
      if (typeof artifact === 'string') {
        on({ type: 'note', level: 'warning', message: `${id} (${arch}) ${artifact}` });
        return { outcome: 'skip', message: 'left out' };
      }
      made.set(`${id} ${arch}`, artifact);
      return 'changed';
    },
  });
  const archive = (name: Product): Task => {
    const wanted = release(config, name, arch);
    return task(`${name} ${wanted.version}`, async (signal) => {
      const { bytes, file } = await fetchRelease(wanted, signal);
      await writeFile(join(out, file), bytes);
      return { kind: 'archive', name, version: wanted.version, arch, file, sha256: sha256(bytes) };
    });
  };
  const image = (name: BundledImageName, reference: string): Task =>
    task(`image ${reference}`, (signal) => saveImage({ name, reference, arch, out, docker }, signal));
  const wheels = (): Task =>
    task("the placeholder's Python packages", async (signal) => {
      const saved = await saveWheels({ arch, out, python }, signal);
      if (typeof saved !== 'string') return saved;
      return `can't be fetched by the pip of this machine, which matters on hosts with dnf only: ${saved}`;
    });
  const own = config.application.enabled ? applicationImage(config) : undefined;
  const products: readonly ImageProduct[] = ['prometheus', ...(grafana ? (['grafana'] as const) : [])];
  return [
    archive('nodeExporter'),
    ...(config.alerting.receivers.length > 0 ? [archive('alertmanager')] : []),
    ...products.map((name) =>
      runtime === 'docker' ? image(name, imageReference(config, name)) : archive(name),
    ),
    ...(own === undefined ? [] : [image('application', own)]),
    ...(own === undefined && config.application.enabled ? [wheels()] : []),
  ];
}

const run = promisify(execFile);

interface Wanted {
  readonly name: BundledImageName;
  readonly reference: string;
  readonly arch: Architecture;
  readonly out: string;
  readonly docker: string;
}

/** By the Docker of this machine: pulled for the architecture, then saved under a tag. */
async function saveImage(
  { name, reference, arch, out, docker: program }: Wanted,
  signal: AbortSignal,
): Promise<Artifact> {
  const saved = bundledName(reference);
  const version = (saved.split(':').at(-1) ?? '').replace(/^v(?=\d)/, '');
  const file = `${name}-${version}-image-${arch}.tar`;
  const docker = (...args: readonly string[]): Promise<unknown> => run(program, args, { signal });
  try {
    await docker('pull', '--quiet', '--platform', `linux/${arch}`, reference);
    if (saved !== reference) await docker('tag', reference, saved);
    await docker('save', '--output', join(out, file), saved);
  } catch (error) {
    throw notSaved(reference, arch, error);
  }
  const hash = sha256(await readFile(join(out, file)));
  return { kind: 'image', name, version, arch, file, reference: saved, sha256: hash };
}

function notSaved(reference: string, arch: Architecture, error: unknown): CloudopsError {
  const said = (error as { stderr?: string }).stderr?.trim() ?? '';
  return new CloudopsError({
    code: 'BUNDLE_IMAGE_NOT_SAVED',
    what: `The image ${reference} for ${arch} can't be pulled and saved by the Docker of this machine.`,
    why: said === '' ? String(error) : said.split('\n').slice(-3).join(' '),
    fix: [
      "see 'docker info', and log in where its registry is private; '--runtime native' makes a bundle without Prometheus' and Grafana's images",
    ],
    cause: error,
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
