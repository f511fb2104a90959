import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDashboards } from '../../src/dashboards/load.js';
import { parseDashboard } from '../../src/dashboards/parse.js';

const good = { uid: 'demo', title: 'Demo', panels: [] };
const parse = (value: unknown) => parseDashboard('x.json', JSON.stringify(value));

describe('reading a dashboard', () => {
  it.each([
    ['DASHBOARD_NOT_JSON', '{"uid": "demo", "title":'],
    ['DASHBOARD_SHAPE', '[]'],
    ['DASHBOARD_SHAPE', 'null'],
    ['DASHBOARD_UID', '{"title": "Demo"}'],
    ['DASHBOARD_UID', '{"uid": null, "title": "Demo"}'],
    ['DASHBOARD_UID', `{"uid": "${'a'.repeat(41)}", "title": "Demo"}`],
    ['DASHBOARD_UID', '{"uid": "a/b", "title": "Demo"}'],
    ['DASHBOARD_TITLE', '{"uid": "demo", "title": " "}'],
    ['DASHBOARD_TITLE', '{"uid": "demo", "title": "<script>alert(1)</script>"}'],
    ['DASHBOARD_SHAPE', '{"uid": "demo", "title": "Demo", "panels": {}}'],
    ['DASHBOARD_SHAPE', '{"uid": "demo", "title": "Demo", "panels": [1]}'],
    ['DASHBOARD_SHAPE', '{"uid": "demo", "title": "Demo", "rows": []}'],
    ['DASHBOARD_SHAPE', `{"uid": "demo", "title": "Demo", "x": ${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['DASHBOARD_SHAPE', '{"uid": "demo", "title": "Demo", "schemaVersion": "39"}'],
    ['DASHBOARD_V2', '{"title": "Demo", "elements": {}, "layout": {}}'],
    [
      'DASHBOARD_V2',
      '{"apiVersion": "dashboard.grafana.app/v2", "metadata": {"name": "demo"}, "spec": {"elements": {}, "layout": {}}}',
    ],
  ])('refuses with %s: %s', (code, text) => {
    expect(() => parseDashboard('x.json', text)).toThrow(
      expect.objectContaining({ code, what: 'x.json is not uploaded:' }),
    );
  });

  it("takes it out of the API's answer and of a resource", () => {
    expect(parse({ dashboard: good, meta: {} }).content).toEqual(good);
    const resource = {
      apiVersion: 'dashboard.grafana.app/v1',
      metadata: { name: 'demo' },
      spec: { title: 'Demo' },
    };
    expect(parse(resource)).toMatchObject({ uid: 'demo', content: { uid: 'demo', title: 'Demo' } });
  });
});

describe('reading files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dashboards-'));
    await writeFile(join(folder, 'a.json'), JSON.stringify(good));
    await writeFile(join(folder, 'b.json'), JSON.stringify({ ...good, title: 'Copy' }));
    await writeFile(join(folder, 'c.json'), '{');
    await writeFile(join(folder, 'd.json'), ' '.repeat(9 * 1024 * 1024));
    await writeFile(join(folder, 'e.json'), JSON.stringify({ uid: 'other', title: 'Other' }));
    await writeFile(join(folder, 'notes.txt'), 'not a dashboard');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('goes on with the good ones of a folder', async () => {
    const { good: files, refused } = await loadDashboards([folder, join(folder, 'missing.json')]);
    expect(files.map(({ uid }) => uid)).toEqual(['demo', 'other']);
    expect(refused.map(({ source, error }) => [source.slice(folder.length + 1), error.code])).toEqual([
      ['b.json', 'DASHBOARD_DUPLICATE'],
      ['c.json', 'DASHBOARD_NOT_JSON'],
      ['d.json', 'DASHBOARD_TOO_LARGE'],
      ['missing.json', 'DASHBOARD_UNREADABLE'],
    ]);
  });
});
