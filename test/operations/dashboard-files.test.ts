import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load.js';
import { configSchema } from '../../src/config/schema.js';
import { Secret } from '../../src/config/secret.js';
import { direct } from '../../src/dashboards/transport.js';
import { compareDashboards } from '../../src/operations/compare-dashboards.js';
import type { Context } from '../../src/operations/context.js';
import { lintDashboards } from '../../src/operations/lint-dashboards.js';
import { previewDashboards } from '../../src/operations/preview-dashboards.js';
import { pullDashboards } from '../../src/operations/pull-dashboards.js';
import { uploadDashboards, type UploadOptions } from '../../src/operations/upload-dashboards.js';
import { wantedDashboards } from '../../src/operations/wanted-dashboards.js';
import { type FakeGrafana, startFakeGrafana } from '../support/fake-grafana.js';
import { startFakePrometheus } from '../support/fake-prometheus.js';

let fake: FakeGrafana;
let folder: string;
beforeEach(async () => {
  fake = await startFakeGrafana();
  folder = await mkdtemp(join(tmpdir(), 'files-'));
});
afterEach(async () => {
  await fake.close();
  await rm(folder, { recursive: true });
});

function context(dashboards: object = {}): Context {
  return {
    config: configSchema.parse({ dashboards }),
    on: () => undefined,
    signal: new AbortController().signal,
    stateDir: join(folder, 'no-stack-yet'),
    aws: () => Promise.reject(new Error('AWS is not to be asked')),
  } as unknown as Context;
}

const panel = {
  id: 1,
  type: 'stat',
  title: 'Up',
  datasource: { type: 'prometheus', uid: '${datasource}' },
  targets: [{ refId: 'A', expr: 'up{job=~"$job"}' }],
};
const team = (more: object = {}): string =>
  JSON.stringify({ uid: 'team', title: 'Team', panels: [panel], ...more });
const path = (name: string): string => join(folder, name);
const held = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path(name), 'utf8')) as Record<string, unknown>;
const upload = (more: UploadOptions = {}, of = context()) =>
  uploadDashboards(of, { transport: fake.transport(), ...more });
const actions = ({ result }: Awaited<ReturnType<typeof upload>>) =>
  Object.fromEntries(result.dashboards.map(({ uid = '', action }) => [uid, action]));

describe("the operator's own dashboards", () => {
  it('come from the config, from the folder of its file, beside the shipped ones', async () => {
    await mkdir(path('boards'));
    await writeFile(path('boards/team.json'), team());
    await writeFile(path('cloudops.yaml'), 'dashboards:\n  files: [boards]\n  folder: Team Boards\n');
    const { config } = loadConfig({ cwd: join(folder, 'boards') });
    expect(config.dashboards.files).toEqual([path('boards')]);
    const run = await upload({}, { ...context(), config });
    expect(actions(run)).toEqual({
      'cloudops-system-overview': 'created',
      'cloudops-prometheus-monitoring': 'created',
      'cloudops-fleet': 'created',
      team: 'created',
    });
    expect([...fake.state.folders]).toEqual([['cloudops-team-boards', 'Team Boards']]);
  });

  it('take the place of a shipped one with their uid', async () => {
    await writeFile(path('mine.json'), team({ uid: 'cloudops-fleet', title: 'My fleet' }));
    const { good } = await wantedDashboards(context({ files: [path('mine.json')] }), []);
    expect(good.map(({ title }) => title)).toEqual(['System Overview', 'Prometheus Monitoring', 'My fleet']);
  });
});

describe('an edit made in Grafana', () => {
  beforeEach(async () => {
    await writeFile(path('team.json'), team());
    await upload({ files: [path('team.json')] });
    fake.state.edit('team', { title: 'Team, edited' }, 'alice');
  });
  const files = () => ({ files: [path('team.json')], transport: fake.transport() });
  const pull = (more: object = {}) => pullDashboards(context(), { ...files(), out: path('out'), ...more });

  it('stays, and the upload says so and fails; --overwrite replaces it', async () => {
    const kept = await upload(files());
    expect(kept.result).toMatchObject({
      ok: false,
      dashboards: [{ action: 'kept', note: expect.stringMatching(/by alice/) }],
    });
    expect(kept.report.ok).toBe(true);
    expect(fake.state.dashboards.get('team')?.dashboard['title']).toBe('Team, edited');
    expect(actions(await upload({ ...files(), overwrite: true }))).toEqual({ team: 'updated' });
    expect(fake.state.dashboards.get('team')?.dashboard['title']).toBe('Team');
  });

  it('is written to the file by a pull; then nothing is left to do', async () => {
    const pulled = await pull();
    expect(pulled).toMatchObject({ ok: true, dashboards: [{ action: 'written', file: path('team.json') }] });
    expect(await held('team.json')).toEqual({ ...JSON.parse(team()), title: 'Team, edited' });
    expect(actions(await upload(files()))).toEqual({ team: 'unchanged' });
    expect((await compareDashboards(context(), files())).dashboards).toMatchObject([{ state: 'equal' }]);
    expect((await pull()).dashboards).toMatchObject([{ action: 'unchanged' }]);
  });

  it('does not replace a file that was changed as well, until told to', async () => {
    await writeFile(path('team.json'), team({ title: 'Team, changed here' }));
    expect(await pull()).toMatchObject({ ok: false, dashboards: [{ action: 'conflict' }] });
    expect((await held('team.json'))['title']).toBe('Team, changed here');
    expect((await pull({ overwrite: true })).dashboards).toMatchObject([{ action: 'written' }]);
    expect((await held('team.json'))['title']).toBe('Team, edited');
  });

  it('of a shipped one becomes a new file; a change of the file alone is no edit', async () => {
    await upload();
    fake.state.edit('cloudops-fleet', { title: 'Fleet, edited' });
    const { dashboards } = await pullDashboards(context(), { transport: fake.transport(), out: path('out') });
    expect(dashboards.map(({ uid, action }) => [uid, action])).toEqual([
      ['cloudops-system-overview', 'unchanged'],
      ['cloudops-prometheus-monitoring', 'unchanged'],
      ['cloudops-fleet', 'written'],
    ]);
    expect((await held('out/cloudops-fleet.json'))['title']).toBe('Fleet, edited');
    const { good } = await wantedDashboards(context({ files: [path('out')] }), []);
    expect(good.map(({ title }) => title)).toContain('Fleet, edited');
  });

  it('brings what no file knows with --all', async () => {
    fake.state.dashboards.set('new', {
      dashboard: { uid: 'new', title: 'New', id: 7, version: 1 },
      folderUid: 'cloudops',
      provisioned: false,
      versions: [],
    });
    const { dashboards } = await pull({ all: true });
    expect(dashboards.find(({ uid }) => uid === 'new')).toMatchObject({ action: 'written' });
    expect(await held('out/new.json')).toEqual({ uid: 'new', title: 'New' });
  });
});

describe('after the upload', () => {
  it('the queries of every panel run, and empty panels are listed', async () => {
    const second = { ...panel, id: 2, title: 'Nothing', targets: [{ refId: 'A', expr: 'no_such_metric' }] };
    const third = { ...panel, id: 3, title: 'Wrong', targets: [{ refId: 'A', expr: 'rate(up)' }] };
    const logs = {
      ...panel,
      id: 4,
      title: 'Logs',
      datasource: { type: 'loki', uid: 'x' },
      targets: [{ expr: '{app="x"}' }],
    };
    const variables = {
      list: [
        { name: 'datasource', type: 'datasource' },
        { name: 'job', type: 'query', current: { value: ['$__all'] }, allValue: '.+' },
      ],
    };
    fake.state.dataSources.set('x', { name: 'Logs', type: 'loki', healthy: true, message: '' });
    fake.state.data = (expr) =>
      expr === 'no_such_metric' ? 0 : expr === 'rate(up)' ? 'expected type range vector' : 2;
    await writeFile(path('team.json'), team({ panels: [panel, second, third, logs], templating: variables }));
    const { result } = await upload({ files: [path('team.json')], check: true });
    expect(result.empty).toEqual([
      { uid: 'team', dashboard: 'Team', panel: 'Nothing', expr: 'no_such_metric', because: 'no series' },
      {
        uid: 'team',
        dashboard: 'Team',
        panel: 'Wrong',
        expr: 'rate(up)',
        because: 'expected type range vector',
      },
    ]);
    expect(result.ok).toBe(true);
    expect(fake.state.asked).toContain('up{job=~".+"} @prometheus');
  });

  it('works with a token that may not list data sources', async () => {
    fake.state.role = 'Editor';
    await writeFile(path('team.json'), team({ panels: [{ ...panel, datasource: 'Prometheus' }] }));
    const transport = direct(fake.address, { token: new Secret(fake.state.token) });
    const { result } = await uploadDashboards(context(), { files: [path('team.json')], transport });
    expect(result.dashboards).toMatchObject([
      { action: 'created', note: "data source 'Prometheus' is 'prometheus'" },
    ]);
  });
});

describe('with a Prometheus at hand', () => {
  it('lint names the metrics that nobody exposes, as warnings', async () => {
    const prometheus = await startFakePrometheus();
    try {
      const board = {
        uid: 'team',
        title: 'Team',
        panels: [{ ...panel, targets: [{ expr: 'up' }, { expr: 'gone_total' }] }],
      };
      await writeFile(path('team.json'), JSON.stringify(board));
      const linted = await lintDashboards(context(), {
        files: [path('team.json')],
        from: prometheus.address,
      });
      const warnings = linted.dashboards.flatMap(({ findings }) =>
        findings.filter(({ severity }) => severity === 'warning'),
      );
      expect(warnings.map(({ message }) => message)).toEqual(['no target exposes gone_total']);
      const offline = await lintDashboards(context(), { files: [path('team.json')] });
      expect(offline).not.toHaveProperty('asked');
    } finally {
      await prometheus.close();
    }
  });

  it('a preview fills variables, and tells which panels are empty', async () => {
    const prometheus = await startFakePrometheus();
    prometheus.know = (expr) =>
      expr.startsWith('bad')
        ? 'parse error'
        : { labels: expr.startsWith('up') ? [{ job: 'a' }] : [], value: () => 1 };
    try {
      const variables = {
        list: [
          {
            name: 'job',
            label: 'Job',
            type: 'query',
            query: 'label_values(up, job)',
            includeAll: true,
            multi: true,
            current: { value: ['$__all'] },
          },
        ],
      };
      const panels = ['up{job=~"$job"}', 'none', 'bad('].map((expr, id) => ({
        ...panel,
        id,
        title: expr,
        targets: [{ refId: 'A', expr }],
      }));
      await writeFile(path('team.json'), team({ panels, templating: variables }));
      const options = { files: [path('team.json')], from: prometheus.address, last: '1h' };
      const preview = await previewDashboards(context(), { ...options, given: new Map() });
      expect(preview.dashboards).toEqual([
        { uid: 'team', title: 'Team', panels: 3, empty: ['none', 'bad('] },
      ]);
      expect(prometheus.asked).toContain('up{job=~"(a|b)"}');
      expect(preview.page).toContain('parse error');
      await previewDashboards(context(), { ...options, given: new Map([['job', ['b.c']]]) });
      expect(prometheus.asked).toContain('up{job=~"b\\\\.c"}');
    } finally {
      await prometheus.close();
    }
  });

  it('says plainly when it does not answer', async () => {
    const options = { files: [], from: 'http://127.0.0.1:9', last: '1h', given: new Map() };
    await expect(previewDashboards(context(), options)).rejects.toMatchObject({
      code: 'PROMETHEUS_UNREACHABLE',
    });
    await expect(lintDashboards(context(), options)).rejects.toMatchObject({
      code: 'PROMETHEUS_UNREACHABLE',
    });
  });
});
