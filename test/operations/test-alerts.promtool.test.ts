import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { testAlerts } from '../../src/operations/test-alerts.js';
import { describeWithPromtool, program } from '../monitoring/promtool.js';

const folder = mkdtempSync(join(tmpdir(), 'cloudops-alerts-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A test of the operator's: a host at 80% of its memory for ten minutes. */
function own(name: string, rules: string, fires: boolean): string {
  const path = join(folder, name);
  const test = [
    `rule_files: [${rules}]`,
    'tests:',
    '  - interval: 15s',
    '    input_series:',
    `      - {series: 'node_memory_MemTotal_bytes{host="a"}', values: '100+0x60'}`,
    `      - {series: 'node_memory_MemAvailable_bytes{host="a"}', values: '20+0x60'}`,
    '    promql_expr_test:',
    `      - {expr: 'count(ALERTS{alertname="HighMemoryUsage", alertstate="firing"}) or vector(0)', eval_time: 10m, exp_samples: [{labels: '{}', value: ${fires ? 1 : 0}}]}`,
  ];
  writeFileSync(path, `${test.join('\n')}\n`);
  return path;
}

const context = (above: number) => ({
  config: configSchema.parse({ alerts: { highMemoryUsage: { above } } }),
  signal: new AbortController().signal,
});

describeWithPromtool('alerts test', () => {
  it("runs our scenarios and the operator's files on the rules of the config", async () => {
    const files = [own('fires.yml', 'alert-rules.yml', true)];
    const at70 = await testAlerts(context(70), { promtool: program, files });
    expect(at70.tests.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(at70.summary).toEqual({ pass: 104, fail: 0 });
    const at95 = await testAlerts(context(95), { promtool: program, files });
    expect(at95).toMatchObject({ ok: false, summary: { pass: 103, fail: 1 } });
    expect(at95.tests.at(-1)).toMatchObject({
      subject: files[0],
      status: 'fail',
      message: expect.stringContaining('HighMemoryUsage') as unknown,
    });
  }, 120_000);

  it("takes the operator's own rule files from beside the test", async () => {
    writeFileSync(
      join(folder, 'more.yml'),
      'groups: [{name: more, rules: [{alert: HighMemoryUsage, expr: "vector(1)"}]}]\n',
    );
    const { tests } = await testAlerts(context(95), {
      promtool: program,
      files: [own('beside.yml', './more.yml', true)],
    });
    expect(tests.at(-1)).toMatchObject({ status: 'pass' });
  }, 120_000);

  it.each([
    ['nowhere.yml', undefined],
    ['cut.yml', 'rule_files: [\n'],
    ['other.yml', 'groups: []\n'],
  ])('refuses %s with what is wrong', async (name, text) => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    await expect(testAlerts(context(95), { promtool: program, files: [path] })).rejects.toMatchObject({
      code: 'ALERT_TEST_INVALID',
      exitCode: 2,
    });
  });
});
