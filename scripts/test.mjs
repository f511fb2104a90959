// `npm test`: lint, types, build, then every jest suite this machine can run. With CI=true nothing may be missing.
// `npm test -- fast`: only the suites that need nothing but Node. The last line is `tests: N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDocker, removeLeftovers } from './docker.mjs';
import { ensureTestTools } from './test-tools.mjs';

const onlyFast = process.argv.includes('fast');
const inCi = process.env.CI === 'true';
/** Everything that a suite puts into the temporary directory goes with this one. Short: sockets have short paths. */
const scratch = mkdtempSync(join(tmpdir(), 'cot-'));
// The package manager that makes machine images reads there as a user of its own.
chmodSync(scratch, 0o755);
const totals = { passed: 0, failed: 0, skipped: 0 };
const broken = [];

/** Runs one command with the terminal handed through; remembers what failed. */
function run(name, command, args, env = {}) {
  const began = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: scratch, ...env },
  });
  console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  if (status !== 0) broken.push(name);
}

/** Runs jest projects and adds up their tests. */
function jest(name, projects, extra = [], env = {}) {
  const outputFile = join(scratch, `${name}.json`);
  run(
    `tests: ${name}`,
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      ...projects,
      '--json',
      `--outputFile=${outputFile}`,
      '--passWithNoTests',
      ...extra,
    ],
    env,
  );
  const result = JSON.parse(readFileSync(outputFile, 'utf8'));
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  totals.skipped += result.numPendingTests + result.numTodoTests;
}

run('build', process.execPath, ['scripts/build.mjs']);
if (!onlyFast) {
  run('types', 'npx', ['tsc', '--noEmit', '-p', 'tsconfig.json']);
  run('lint', 'npm', ['run', '--silent', 'lint']);
}
const tools = onlyFast ? { env: {} } : await ensureTestTools({ required: inCi });
jest('fast', ['fast'], ['--maxWorkers=2'], tools.env);
if (!onlyFast) {
  jest('alert rules', ['promtool'], [], tools.env);
  jest('terminal', ['terminal'], ['--runInBand'], tools.env);
  jest('browser', ['browser'], ['--runInBand'], tools.env);
  jest('faults and moto', ['faults', 'moto'], ['--maxWorkers=2'], tools.env);
  const docker = await ensureDocker({ install: inCi });
  // A developer's own sandbox stays.
  if (docker.ready && inCi) removeLeftovers();
  if (docker.ready) jest('machines', ['sandbox', 'hosts'], ['--runInBand'], tools.env);
  else if (inCi) broken.push(`machines: ${docker.reason}`);
  else console.log(`\n== skipped: the suites on real machines. ${docker.reason}`);
}
rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
if (broken.length > 0) console.log(`\nfailed: ${broken.join(', ')}`);
if (broken.length > 0 && totals.failed === 0) totals.failed = broken.length;
console.log(`\ntests: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(broken.length > 0 ? 1 : 0);
