// `dashboards upload` of 200 dashboards of System Overview's size, twice, to a stand-in for Grafana on loopback that runs
// in this process: the second time writes nothing. Whole processes, with and without running the panels' queries.
// `node bench/dashboards.mjs [--json]`. Wants a build in dist/.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';
import { median, timed } from './measure.mjs';

register();
const { startFakeGrafana } = await import('../test/support/fake-grafana.ts');

const count = 200;
const wantedMs = 3000;
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const shipped = new URL('../templates/dashboards/system-overview.json', import.meta.url);

const home = mkdtempSync(join(tmpdir(), 'cloudops-bench-'));
const folder = join(home, 'dashboards');
const grafana = await startFakeGrafana();
/** Requests that change something; a query is a POST too. */
const saves = () => grafana.state.writes.filter((request) => !request.includes('/api/ds/query')).length;
const results = {};
try {
  mkdirSync(folder);
  const dashboard = JSON.parse(readFileSync(shipped, 'utf8'));
  for (let index = 0; index < count; index += 1) {
    const copy = { ...dashboard, uid: `bench-${index}`, title: `Bench ${index}` };
    writeFileSync(join(folder, `${index}.json`), JSON.stringify(copy));
  }
  const env = { PATH: process.env.PATH, HOME: home, CLOUDOPS_GRAFANA_TOKEN: grafana.state.token };
  const upload = (...more) =>
    timed(
      process.execPath,
      [program, 'dashboards', 'upload', folder, '--url', `http://127.0.0.1:${grafana.port}`, ...more],
      { cwd: home, env },
    );
  results.first = Math.round((await upload('--no-check')).ms);
  const written = saves();
  const again = async (...more) => {
    const runs = [];
    for (let run = 0; run < 3; run += 1) runs.push((await upload(...more)).ms);
    return Math.round(median(runs));
  };
  results.again = await again('--no-check');
  results.againWithPanels = await again();
  results.writesAgain = saves() - written;
} finally {
  await grafana.close();
  rmSync(home, { recursive: true, force: true });
}
if (process.argv.includes('--json')) console.log(JSON.stringify(results));
else {
  console.log(
    `\n${count} dashboards, ms: first upload ${results.first}; again ${results.again} (at most ${wantedMs}),`,
  );
  console.log(
    `with every panel's query run ${results.againWithPanels}; writes of the later runs: ${results.writesAgain}`,
  );
}
if (results.again >= wantedMs || results.writesAgain > 0) process.exitCode = 1;
