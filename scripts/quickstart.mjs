// `npm run quickstart`: builds, makes sure of a Docker engine, and runs the whole job in the local sandbox.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureDocker } from './docker.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const began = Date.now();

/** Runs node on a script of this repo with the terminal handed through; its exit code. */
const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

console.log('== building');
const built = node('scripts/build.mjs', '--no-manifest');
if (built !== 0) process.exit(built);

const docker = await ensureDocker({ install: true });
if (!docker.ready) {
  console.error(`The sandbox's machines need a Docker engine: ${docker.reason}`);
  process.exit(2);
}

console.log('== bin/run.js up --sandbox --yes');
const code = node('bin/run.js', 'up', '--sandbox', '--yes');
if (code === 0) {
  console.log(`\nquickstart: done in ${Math.round((Date.now() - began) / 1000)} s.`);
  for (const line of tryIt()) console.log(line);
}
process.exit(code);

/** What to look at, and how to remove it all. */
function tryIt() {
  const { stdout } = spawnSync(process.execPath, ['bin/run.js', 'infra', 'output', '--sandbox', '--json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const output = readJson(stdout);
  const { prometheus, application = [] } = output?.urls ?? {};
  return [
    ...(prometheus === undefined
      ? []
      : [`  curl -s '${new URL('/api/v1/targets?state=active', prometheus).href}'`]),
    ...application.map((url) => `  curl -s ${new URL('/metrics', url).href}`),
    `Remove it all: bin/run.js down --sandbox --confirm ${output?.stack ?? 'STACK'} && bin/run.js sandbox reset --yes`,
  ];
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
