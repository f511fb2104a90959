/**
 * Bundles the program into dist/ (ESM, one chunk per lazy import) and writes oclif.manifest.json.
 * `--no-manifest` leaves the manifest alone.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** The sandbox's daemon is a process of its own, so it is an entry of its own. */
const entries = {
  commands: 'src/commands/registry.ts',
  failure: 'src/cli/failure.ts',
  'sandbox-daemon': 'src/sandbox/daemon.ts',
};

/** Native or self-locating packages: they stay in node_modules. */
const external = ['@oclif/core', 'ssh2', 'node-ssh', 'cpu-features'];

/** Bundled CommonJS packages call `require` for Node's own modules. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Every file of templates/ by its path there; src/templates.ts looks them up. */
async function templateTexts() {
  const folder = join(root, 'templates');
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const texts = {};
  for (const path of paths.sort()) {
    texts[relative(folder, path).replaceAll('\\', '/')] = await readFile(path, 'utf8');
  }
  return texts;
}

async function bundle() {
  const fresh = join(root, `dist.${process.pid}`);
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      Object.entries(entries).filter(([, source]) => existsSync(join(root, source))),
    ),
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    external,
    banner: { js: banner },
    chunkNames: 'chunks/[name]-[hash]',
    define: { bundledTemplates: JSON.stringify(await templateTexts()) },
    logLevel: 'warning',
    legalComments: 'none',
  });
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
}

async function writeManifest() {
  const cli = join(root, 'node_modules', 'oclif', 'bin', 'run.js');
  await promisify(execFile)(process.execPath, [cli, 'manifest'], { cwd: root });
}

await bundle();
if (!process.argv.includes('--no-manifest')) await writeManifest();
