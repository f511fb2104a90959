// Calls, time and memory of `infra up`, again, `plan` and `down` against moto_server with 100 ms added to each call,
// beside terraform for the same stack where it is installed. `npm run bench [-- --json] [--quick] [--no-terraform]`.
// Wants moto_server and a build in dist/. Of three runs the median; terraform runs once.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';
import { median, timed } from './measure.mjs';
import { terraform, terraformMissing } from './terraform.mjs';

register();
const { startMoto } = await import('../test/support/moto.ts');
const { startFaultProxy } = await import('../test/support/fault-proxy.ts');
const { newKeyPair } = await import('../src/infra/key-file.ts');

const latencyMs = 100;
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const peakHook = new URL('peak.mjs', import.meta.url).href;
const allow = ['--allow-cidr', '203.0.113.7/32'];
const steps = {
  up: ['infra', 'up', '--yes', '--json', ...allow],
  again: ['infra', 'up', '--yes', '--json', ...allow],
  plan: ['infra', 'plan', '--json', ...allow],
  down: ['infra', 'down', '--json', '--confirm', 'smartcloudops-dev'],
};

/** Figures to reach; from the issue. */
const wanted = {
  up: { calls: 48, ms: 2500 },
  again: { calls: 20, ms: 1200 },
  down: { calls: 36, ms: 2500 },
};
const wantedPeakKb = 160 * 1024;
const wantedMoreCalls = 8;

const home = mkdtempSync(join(tmpdir(), 'cloudops-bench-'));

function environment(proxy) {
  return {
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** One command of the program: calls at the endpoint, ms, peak memory. */
async function run(proxy, args) {
  const peakFile = join(home, 'peak');
  const env = { PATH: process.env.PATH, HOME: home, ...environment(proxy), BENCH_PEAK: peakFile };
  proxy.plan();
  const { ms } = await timed(process.execPath, ['--import', peakHook, program, ...args], { cwd: home, env });
  return { calls: proxy.calls().length, ms, peakKb: Number(readFileSync(peakFile, 'utf8')) };
}

async function cloudops(proxy, rounds) {
  const taken = Object.fromEntries(Object.keys(steps).map((what) => [what, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [what, args] of Object.entries(steps)) taken[what].push(await run(proxy, args));
  }
  return Object.fromEntries(
    Object.entries(taken).map(([what, runs]) => [
      what,
      {
        calls: Math.max(...runs.map(({ calls }) => calls)),
        ms: median(runs.map(({ ms }) => ms)),
        peakKb: Math.max(...runs.map(({ peakKb }) => peakKb)),
      },
    ]),
  );
}

/** `up` and `down` with 50 application hosts. */
async function fifty(proxy) {
  const file = join(home, 'cloudops.yaml');
  writeFileSync(file, 'application:\n  count: 50\n');
  const up = await run(proxy, steps.up);
  const down = await run(proxy, steps.down);
  rmSync(file);
  return { up, down };
}

/** What misses its figure, in words. */
function misses({ cloudops: taken, fifty: many }) {
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const said = Object.entries(wanted).flatMap(([what, { calls, ms }]) => [
    ...(taken[what].calls > calls ? [`${what}: ${taken[what].calls} calls, at most ${calls}`] : []),
    ...(taken[what].ms > ms ? [`${what}: ${seconds(taken[what].ms)}, at most ${seconds(ms)}`] : []),
  ]);
  const peak = Math.max(...Object.values(taken).map(({ peakKb }) => peakKb));
  if (peak > wantedPeakKb) said.push(`peak memory: ${Math.round(peak / 1024)} MB, at most 160 MB`);
  const more = many.up.calls - taken.up.calls;
  if (more > wantedMoreCalls) said.push(`up with 50 hosts: ${more} calls more, at most ${wantedMoreCalls}`);
  return said;
}

function table({ cloudops: ours, fifty: many, terraform: theirs, misses: missed }) {
  const cell = ({ calls, ms, peakKb }) =>
    `${String(calls).padStart(4)} ${(ms / 1000).toFixed(2).padStart(6)} s ${String(Math.round(peakKb / 1024)).padStart(4)} MB`;
  const limit = ({ calls, ms } = {}) => (calls === undefined ? '' : `${calls}, ${ms / 1000} s, 160 MB`);
  const line = (what, mine, other, goal) =>
    [what.padEnd(14), mine.padEnd(22), other.padEnd(22), goal].join(' ').trimEnd();
  const tf = typeof theirs === 'string' ? undefined : theirs;
  return [
    line('', 'cloudops', 'terraform', 'at most'),
    ...Object.keys(steps).map((what) =>
      line(what, cell(ours[what]), tf ? cell(tf[what]) : '', limit(wanted[what])),
    ),
    line('up, 50 hosts', cell(many.up), '', `${ours.up.calls + wantedMoreCalls} calls`),
    line('down, 50 hosts', cell(many.down), '', ''),
    `${latencyMs} ms added to each call; moto_server; load before: ${loadBefore}`,
    ...(tf === undefined ? [`terraform: ${theirs}`] : []),
    ...(missed.length > 0 ? missed.map((one) => `missed: ${one}`) : ['every figure is reached']),
  ].join('\n');
}

const has = (flag) => process.argv.includes(flag);
const loadBefore = loadavg()[0].toFixed(2);
const moto = await startMoto();
const proxy = await startFaultProxy(moto.endpoint, { latencyMs });
try {
  // moto reads its images at the first call, which no tool should pay for.
  await run(proxy, steps.plan);
  const ours = await cloudops(proxy, has('--quick') ? 1 : 3);
  const many = await fifty(proxy);
  const reason = has('--no-terraform') ? 'left out' : terraformMissing();
  const publicKey = newKeyPair('bench').publicKey;
  const theirs = reason ?? (await terraform({ proxy, env: environment(proxy), publicKey }));
  const result = {
    latencyMs,
    loadBefore: Number(loadBefore),
    cloudops: ours,
    fifty: many,
    terraform: theirs,
  };
  const missed = misses(result);
  const whole = { ...result, misses: missed };
  process.exitCode = missed.length > 0 ? 1 : 0;
  console.log(has('--json') ? JSON.stringify(whole, undefined, 2) : table(whole));
} finally {
  await proxy.close();
  await moto.close();
  rmSync(home, { recursive: true, force: true });
}
