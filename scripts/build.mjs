/**
 * Bundles the program into dist/ (ESM, one chunk per lazy import) and writes oclif.manifest.json.
 * `--no-manifest` leaves the manifest alone; `--clean` leaves no chunk of an earlier build, for a package.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const clean = process.argv.includes('--clean');

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

/**
 * The SDK describes all shapes of a service in one file of arrays; esbuild keeps every array with a computed key, as
 * making one could have an effect. None has: said so, only those of the commands we send stay.
 */
const pureSchemas = {
  name: 'pure-schemas',
  setup({ onLoad }) {
    onLoad(
      { filter: /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ },
      async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const array = /^(export )?var ([\w$]+) = (\[(?:.*\];$|[^]*?^\];$))/gm;
        const contents = text.replace(array, (_, exported = '', name, value) => {
          return `${exported}var ${name} = /* @__PURE__ */ (() => ${value.slice(0, -1)})();`;
        });
        return { contents, loader: 'js' };
      },
    );
  },
};

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
    plugins: [pureSchemas],
    banner: { js: banner },
    chunkNames: 'chunks/[name]-[hash]',
    define: { bundledTemplates: JSON.stringify(await templateTexts()) },
    logLevel: 'warning',
    legalComments: 'none',
  });
  await swap(fresh);
}

/** How long the chunks of earlier builds stay: a program that was started from them loads some of them late. */
const keptMs = 3_600_000;

/** Puts the new build in place under programs that run: chunks first, whose names tell their content, then entries. */
async function swap(fresh) {
  const made = (await readdir(fresh, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile())
    .map((file) => relative(fresh, join(file.parentPath, file.name)));
  const isChunk = (file) => file.startsWith(`chunks${sep}`);
  await mkdir(join(dist, 'chunks'), { recursive: true });
  for (const file of [...made.filter(isChunk), ...made.filter((file) => !isChunk(file))])
    await rename(join(fresh, file), join(dist, file));
  await rm(fresh, { recursive: true });
  for (const name of await readdir(join(dist, 'chunks'))) {
    const file = join('chunks', name);
    const age = Date.now() - (await stat(join(dist, file))).mtimeMs;
    if (!made.includes(file) && (clean || age > keptMs)) await rm(join(dist, file));
  }
}

async function writeManifest() {
  const cli = join(root, 'node_modules', 'oclif', 'bin', 'run.js');
  await promisify(execFile)(process.execPath, [cli, 'manifest'], { cwd: root });
}

await bundle();
if (!process.argv.includes('--no-manifest')) await writeManifest();
