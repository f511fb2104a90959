import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readExclusions } from '../../src/dashboards/lint-exclusions.js';
import { lintLoaded } from '../../src/dashboards/lint-files.js';
import { unknownMetrics } from '../../src/dashboards/lint-metrics.js';
import { lintDashboard } from '../../src/dashboards/lint.js';
import { loadDashboards, shippedDashboards } from '../../src/dashboards/load.js';

type Json = Record<string, unknown>;
const scope = 'job=~"$job", instance=~"$instance"';

/** A dashboard that breaks no rule. */
function good(): { templating: { list: Json[] }; panels: (Json & { targets: Json[] })[] } & Json {
  const label = (name: string, shown: string): Json => ({
    name,
    label: shown,
    type: 'query',
    query: `label_values(up, ${name})`,
    multi: true,
    allValue: '.+',
    refresh: 2,
  });
  return {
    uid: 'demo',
    title: 'Demo',
    editable: false,
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource' },
        label('job', 'Job'),
        label('instance', 'Instance'),
      ],
    },
    panels: [
      {
        id: 1,
        type: 'timeseries',
        title: 'Requests',
        description: 'How many.',
        datasource: { type: 'prometheus', uid: '${datasource}' },
        fieldConfig: { defaults: { unit: 'reqps' } },
        targets: [{ refId: 'A', expr: `sum(rate(http_requests_total{${scope}}[$__rate_interval]))` }],
      },
    ],
  };
}

const withExpr = (expr: string) => (board: ReturnType<typeof good>) =>
  void (board.panels[0]!.targets[0]!['expr'] = expr);
const withPanel = (change: Json) => (board: ReturnType<typeof good>) =>
  void Object.assign(board.panels[0]!, change);
const withVariable = (index: number, change: Json) => (board: ReturnType<typeof good>) =>
  void Object.assign(board.templating.list[index]!, change);
const linted = (change: (board: ReturnType<typeof good>) => void) => {
  const board = good();
  change(board);
  return lintDashboard(board);
};

describe('the rules of lint', () => {
  it('are all held by a dashboard as it should be', () => {
    expect(lintDashboard(good())).toEqual([]);
  });

  it.each<[string, (board: ReturnType<typeof good>) => void]>([
    ['template-datasource', withVariable(0, { label: 'Source' })],
    ['template-job', withVariable(1, { multi: false })],
    ['template-instance', withVariable(2, { allValue: undefined })],
    ['template-on-time-change-reload', withVariable(1, { refresh: 1 })],
    ['template-label-promql', withVariable(1, { query: 'label_values(up{job="a, job)' })],
    ['uneditable-dashboard', (board) => void (board['editable'] = true)],
    ['panel-id', withPanel({ id: undefined })],
    ['panel-title-description', withPanel({ description: ' ' })],
    ['panel-units', withPanel({ fieldConfig: {} })],
    ['panel-no-targets', withPanel({ targets: [] })],
    ['panel-datasource', withPanel({ datasource: { type: 'prometheus', uid: 'fixed' } })],
    ['panel-legend', withPanel({ options: { legend: { showLegend: false } } })],
    ['target-promql', withExpr(`sum(rate(http_requests_total{${scope}}[$__rate_interval])`)],
    ['target-promql', withExpr(`rate(http_requests_total{${scope}})`)],
    ['target-promql', withExpr('')],
    ['target-rate-interval', withExpr(`rate(http_requests_total{${scope}}[5m])`)],
    ['target-irate', withExpr(`irate(http_requests_total{${scope}}[$__rate_interval])`)],
    ['target-counter-agg', withExpr(`sum(http_requests_total{${scope}})`)],
    ['target-job', withExpr(`up{${scope}} and on (host) node_load1{instance=~"$instance"}`)],
    ['target-instance', withExpr(`up{${scope}} and on (host) node_load1{job=~"$job"}`)],
  ])('%s is broken alone', (rule, change) => {
    expect(linted(change).map((found) => [found.rule, found.severity])).toEqual([[rule, 'error']]);
  });

  it('reads queries with variables of every kind', () => {
    const expr = `topk($n, increase(x_total{${scope}, path=~"\${path:regex}"}[$__range])) > bool \${limit}`;
    const found = linted((board) => {
      withExpr(expr)(board);
      board.templating.list.push(
        { name: 'n', type: 'custom', query: '5,10' },
        { name: 'limit', type: 'textbox', current: { value: '3' } },
        { name: 'path', type: 'query', refresh: 2, query: 'label_values(path)' },
      );
    });
    expect(found).toEqual([]);
  });

  it('leaves queries of other data sources alone', () => {
    const loki = { type: 'loki', uid: '${datasource}' };
    expect(
      linted(withPanel({ datasource: loki, targets: [{ refId: 'A', expr: '{app="x"} |= "error"' }] })),
    ).toEqual([]);
  });
});

describe('metrics that nobody exposes', () => {
  it('are warnings, by name', () => {
    expect(unknownMetrics(good(), new Set(['http_requests_total']))).toEqual([]);
    expect(unknownMetrics(good(), new Set(['up']))).toEqual([
      {
        rule: 'target-metric',
        where: "panel 'Requests'",
        message: 'no target exposes http_requests_total',
        severity: 'warning',
      },
    ]);
  });

  it('are found in the dashboards that ship, whatever the query looks like', () => {
    const missing = shippedDashboards().flatMap(({ content }) => unknownMetrics(content, new Set()));
    expect(new Set(missing.map(({ message }) => message.replace(/.* /, '')))).toEqual(
      new Set(
        [...missing.map(({ message }) => message.replace(/.* /, ''))].filter((name) =>
          /^(node|prometheus|process|flask|scrape)_|^up$/.test(name),
        ),
      ),
    );
    expect(missing.length).toBeGreaterThan(40);
  });
});

describe('files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lint-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('may have exclusions beside them, with reasons', async () => {
    const board = good();
    board['editable'] = true;
    board.panels[0]!['description'] = '';
    await writeFile(join(folder, 'a.json'), JSON.stringify(board));
    await writeFile(
      join(folder, '.lint'),
      'exclusions:\n  uneditable-dashboard:\n    reason: Edited by hand on purpose.\n    entries:\n      - dashboard: Demo\n  panel-title-description:\n    reason: Another one.\n    entries:\n      - panel: Elsewhere\n',
    );
    const [first] = await lintLoaded(await loadDashboards([folder]));
    expect(first?.findings.map(({ rule }) => rule)).toEqual(['panel-title-description']);
    expect(first?.excluded).toEqual([
      expect.objectContaining({ rule: 'uneditable-dashboard', reason: 'Edited by hand on purpose.' }),
    ]);
  });

  it('that cannot be used break a rule too', async () => {
    await writeFile(join(folder, 'a.json'), '{');
    const [first] = await lintLoaded(await loadDashboards([folder]));
    expect(first?.findings).toEqual([expect.objectContaining({ rule: 'loads', severity: 'error' })]);
  });

  it.each([
    ['exclusions:\n  panel-units: {}\n', /no reason/],
    ['exclusions: [', /./],
  ])('are checked: %j', (content, why) => {
    expect(() => readExclusions('.lint', content)).toThrow(
      expect.objectContaining({ code: 'LINT_EXCLUSIONS', why: expect.stringMatching(why) }),
    );
  });
});
