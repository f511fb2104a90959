import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manifestFile, type Artifact, type BundleManifest } from '../config/bundle-manifest.js';
import { execute } from '../engine/execute.js';
import type { Report, Task } from '../engine/task.js';
import { CloudopsError } from '../errors.js';
import { fetchRelease } from '../monitoring/fetch-release.js';
import {
  imageReference,
  release,
  type Architecture,
  type ImageProduct,
  type Product,
} from '../monitoring/releases.js';
import type { Context } from './context.js';

export interface CreateBundleOptions {
  /** Made when missing; its manifest is written last. */
  readonly out: string;
  readonly architectures: readonly Architecture[];
  /** Images for the docker runtime, or archives for the native one. */
  readonly runtime: 'docker' | 'native';
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

type Make = (signal: AbortSignal) => Promise<Artifact>;

function tasksFor(
  context: Pick<Context, 'config'>,
  { out, runtime }: CreateBundleOptions,
  arch: Architecture,
  made: Map<string, Artifact>,
): readonly Task[] {
  const { config } = context;
  const grafana = config.monitoring.grafana.enabled;
  const task = (id: string, make: Make): Task => ({
    id: `${id} ${arch}`,
    title: `${id} (${arch})`,
    after: [],
    run: async ({ signal }) => {
      made.set(`${id} ${arch}`, await make(signal));
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
  const image = (name: ImageProduct): Task => {
    const reference = imageReference(config, name);
    return task(`image ${reference}`, (signal) => saveImage({ name, reference, arch, out }, signal));
  };
  const products: readonly ImageProduct[] = ['prometheus', ...(grafana ? (['grafana'] as const) : [])];
  return [
    archive('nodeExporter'),
    ...(config.alerting.receivers.length > 0 ? [archive('alertmanager')] : []),
    ...products.map((name) => (runtime === 'docker' ? image(name) : archive(name))),
  ];
}

const run = promisify(execFile);

/** By the Docker of this machine: pulled for the architecture, then saved. */
async function saveImage(
  { name, reference, arch, out }: { name: ImageProduct; reference: string; arch: Architecture; out: string },
  signal: AbortSignal,
): Promise<Artifact> {
  const version = (reference.split(':').at(-1) ?? '').replace(/^v/, '');
  const file = `${name}-${version}-image-${arch}.tar`;
  try {
    await run('docker', ['pull', '--quiet', '--platform', `linux/${arch}`, reference], { signal });
    await run('docker', ['save', '--output', join(out, file), reference], { signal });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() ?? '';
    throw new CloudopsError({
      code: 'BUNDLE_IMAGE_NOT_SAVED',
      what: `The image ${reference} for ${arch} can't be pulled and saved by the Docker of this machine.`,
      why: said === '' ? String(error) : said.split('\n').slice(-3).join(' '),
      fix: ["see 'docker info', or make a bundle for systemd services: '--runtime native'"],
      cause: error,
    });
  }
  return {
    kind: 'image',
    name,
    version,
    arch,
    file,
    reference,
    sha256: sha256(await readFile(join(out, file))),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
