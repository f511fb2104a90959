import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  manifestFile,
  parseManifest,
  type Artifact,
  type BundleManifest,
} from '../config/bundle-manifest.js';
import { CloudopsError } from '../errors.js';
import type { Bundle, Bundled } from '../monitoring/bundle.js';

/** Reads a bundle and proves every checksum in it, so that nothing is touched with a part of it. */
export async function openBundle(directory: string): Promise<Bundle & { readonly manifest: BundleManifest }> {
  const manifest = await readManifest(directory);
  const sizes = new Map(
    await Promise.all(
      manifest.artifacts.map(async (artifact) => [artifact, await prove(directory, artifact)] as const),
    ),
  );
  const bundled = (artifact: Artifact): Bundled => bundledAt(directory, artifact, sizes.get(artifact) ?? 0);
  return {
    directory,
    manifest,
    archive: (product, architecture) => {
      const found = manifest.artifacts.find(
        (one) => one.kind === 'archive' && one.name === product && one.arch === architecture,
      );
      return found && bundled(found);
    },
    wheels: (architecture) => {
      const found = manifest.artifacts.find((one) => one.kind === 'wheels' && one.arch === architecture);
      return found && bundled(found);
    },
    image: (product, architecture) => {
      const found = manifest.artifacts.find(
        (one) => one.kind === 'image' && one.name === product && one.arch === architecture,
      );
      if (found?.kind !== 'image') return undefined;
      return { ...bundled(found), reference: found.reference };
    },
  };
}

function bundledAt(directory: string, artifact: Artifact, bytes: number): Bundled {
  const { version, file, sha256 } = artifact;
  return {
    version,
    file,
    sha256,
    bytes,
    read: async () => {
      const content = await readFile(join(directory, file));
      const seen = createHash('sha256').update(content).digest('hex');
      if (seen !== sha256) throw damaged(directory, artifact, `its sha256 is ${seen}, not ${sha256}`);
      return content;
    },
  };
}

async function readManifest(directory: string): Promise<BundleManifest> {
  const path = join(directory, manifestFile);
  try {
    return parseManifest(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CloudopsError({
      code: 'BUNDLE_UNREADABLE',
      what: `${directory} isn't a bundle: ${path} can't be read.`,
      why: error instanceof Error ? error.message : String(error),
      fix: ["make one with 'cloudops monitoring bundle create --out DIR'"],
      cause: error,
    });
  }
}

/** Answers its size in bytes. */
async function prove(directory: string, artifact: Artifact): Promise<number> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(join(directory, artifact.file))) {
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
  } catch (error) {
    throw damaged(directory, artifact, String(error));
  }
  const seen = hash.digest('hex');
  if (seen !== artifact.sha256)
    throw damaged(directory, artifact, `its sha256 is ${seen}, not ${artifact.sha256}`);
  return size;
}

function damaged(directory: string, { file }: Artifact, why: string): CloudopsError {
  return new CloudopsError({
    code: 'BUNDLE_DAMAGED',
    what: `${file} of the bundle ${directory} isn't what was put there; nothing was touched.`,
    why: `${why}.`,
    fix: ["copy or make the bundle anew: 'cloudops monitoring bundle create --out DIR'"],
  });
}
