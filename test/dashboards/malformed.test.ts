import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import type { Context } from '../../src/operations/context.js';
import { uploadDashboards, type UploadRun } from '../../src/operations/upload-dashboards.js';
import { type FakeGrafana, startFakeGrafana } from '../support/fake-grafana.js';

const board = (more: object): string => JSON.stringify({ uid: 'x', title: 'X', panels: [], ...more });
const nested = (depth: number): string =>
  `{"uid": "deep", "title": "Deep", "x": ${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** File -> its content, the action it comes to, and what the operator is told. */
const files: readonly (readonly [
  name: string,
  content: string | Uint8Array,
  why: RegExp,
  action?: string,
])[] = [
  ['cut.json', '{"uid": "cut", "title": "Cut", "panels": [{"id"', /isn't JSON/],
  ['empty.json', '', /isn't JSON/],
  ['html.json', '<!doctype html><title>Login</title>', /isn't JSON/],
  ['comment.json', '// mine\n{"uid": "c", "title": "C"}', /isn't JSON/],
  ['binary.json', Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256), /isn't JSON/],
  ['utf16.json', Buffer.from(board({ uid: 'utf16' }), 'utf16le'), /isn't JSON/],
  ['list.json', '[{"uid": "a"}]', /holds no JSON object/],
  ['null.json', 'null', /holds no JSON object/],
  ['deep.json', nested(5000), /nested more than 100 levels/],
  ['nouid.json', board({ uid: undefined }), /has no 'uid'/],
  ['longuid.json', board({ uid: 'a'.repeat(41) }), /has the uid/],
  ['pathuid.json', board({ uid: '../../admin' }), /has the uid/],
  ['notitle.json', board({ uid: 'notitle', title: '' }), /has no 'title'/],
  ['script.json', board({ uid: 'script', title: '<script>alert(1)</script>' }), /markup in its title/],
  ['handler.json', board({ uid: 'handler', title: '<img src=x onerror=alert(1)>' }), /markup in its title/],
  ['panels.json', board({ uid: 'panels', panels: { a: 1 } }), /'panels' that aren't a list/],
  ['rows.json', board({ uid: 'rows', panels: undefined, rows: [] }), /'rows' in place of 'panels'/],
  ['schema.json', board({ uid: 'schema', schemaVersion: 'v2' }), /'schemaVersion' that isn't a number/],
  [
    'v2.json',
    '{"apiVersion": "dashboard.grafana.app/v2", "metadata": {"name": "v2"}, "spec": {"title": "T", "elements": {}, "layout": {}}}',
    /v2 format/,
  ],
  ['twin.json', board({ uid: 'good', title: 'Twin' }), /uid 'good', which good.json has/],
  [
    'source.json',
    board({
      uid: 'source',
      panels: [{ id: 1, datasource: { type: 'prometheus', uid: 'PBFA97CFB590B2093' } }],
    }),
    /PBFA97CFB590B2093.*isn't there/s,
    'failed',
  ],
  [
    'loki.json',
    board({ uid: 'loki', __inputs: [{ name: 'DS_LOKI', type: 'datasource', pluginId: 'loki' }] }),
    /type 'loki'/,
    'failed',
  ],
  [
    'constant.json',
    board({ uid: 'constant', __inputs: [{ name: 'VAR_X', type: 'constant' }] }),
    /wants a value for \$\{VAR_X\}/,
    'failed',
  ],
];

describe('twenty-odd malformed files in a folder', () => {
  let folder: string;
  let fake: FakeGrafana;
  let run: UploadRun;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'malformed-'));
    fake = await startFakeGrafana();
    fake.state.folders.set('cloudops', 'CloudOps');
    await writeFile(join(folder, 'good.json'), board({ uid: 'good', title: 'Good' }));
    await writeFile(join(folder, 'bom.json'), `\uFEFF${board({ uid: 'bom', title: 'With a mark' })}`);
    for (const [name, content] of files) await writeFile(join(folder, name), content);
    await writeFile(join(folder, 'huge.json'), '{');
    await truncate(join(folder, 'huge.json'), 50 * 1024 * 1024);
    // A dashboard of somebody's, under the uid of a bad file: it must stay.
    fake.state.dashboards.set('script', {
      dashboard: { uid: 'script', title: 'Theirs' },
      folderUid: '',
      provisioned: false,
      versions: [],
    });
    const context = {
      config: configSchema.parse({}),
      on: () => undefined,
      signal: new AbortController().signal,
      stateDir: folder,
    } as unknown as Context;
    run = await uploadDashboards(context, {
      files: [folder, join(folder, 'missing.json')],
      transport: fake.transport(),
    });
  }, 30_000);
  afterAll(async () => {
    await fake.close();
    await rm(folder, { recursive: true });
  });
  const row = (name: string) => run.result.dashboards.find(({ source }) => source.endsWith(`/${name}`));

  it('let the good ones through, a byte order mark and all', () => {
    expect([...fake.state.dashboards.keys()].sort()).toEqual(['bom', 'good', 'script']);
    expect(row('good.json')).toMatchObject({ action: 'created' });
    expect(row('bom.json')).toMatchObject({ action: 'created' });
    expect(run.result.ok).toBe(false);
  });

  it('lose nothing of what Grafana had', () => {
    expect(fake.state.dashboards.get('script')?.dashboard['title']).toBe('Theirs');
    expect(fake.state.writes.filter((write) => write !== 'POST /api/dashboards/db')).toEqual([]);
    expect(fake.state.writes).toHaveLength(2);
  });

  it.each([
    ...files,
    ['huge.json', '', /is 50.0 MB; the limit is 8 MB/] as const,
    ['missing.json', '', /can't be read/] as const,
  ])('say what is wrong: %s', (name, _content, why, action = 'refused') => {
    expect(row(name)).toMatchObject({ action, note: expect.stringMatching(why) });
    expect(row(name)?.note).toContain(name);
  });
});
