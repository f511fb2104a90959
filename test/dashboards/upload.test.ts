import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { grafana } from '../../src/dashboards/grafana.js';
import { parseDashboard } from '../../src/dashboards/parse.js';
import type { DashboardFile } from '../../src/dashboards/parse.js';
import { isUploaded, uploadDashboard } from '../../src/dashboards/upload.js';
import { type FakeGrafana, startFakeGrafana } from '../support/fake-grafana.js';

const board = (more: object = {}): string =>
  JSON.stringify({ uid: 'demo', title: 'Demo', schemaVersion: 39, panels: [{ id: 1, title: 'A' }], ...more });
const folder = { uid: 'cloudops', title: 'CloudOps' };
const put = (one: DashboardFile, overwrite = false) => uploadDashboard(api(), one, { folder, overwrite });
const file = (more: object = {}) => parseDashboard('demo.json', board(more));

let fake: FakeGrafana;
beforeEach(async () => {
  fake = await startFakeGrafana();
  fake.state.folders.set(folder.uid, folder.title);
});
afterEach(() => fake.close());
const api = () => grafana(fake.transport());

describe('uploading a dashboard', () => {
  it('makes it in our folder, under its uid', async () => {
    expect(await put(file())).toEqual({ action: 'created' });
    expect(fake.state.dashboards.get('demo')).toMatchObject({
      folderUid: 'cloudops',
      dashboard: { title: 'Demo' },
    });
  });

  it('writes nothing the second time', async () => {
    await put(file());
    fake.state.requests.length = 0;
    expect(await put(file())).toEqual({ action: 'unchanged' });
    expect(fake.state.requests).toEqual(['GET /api/dashboards/uid/demo']);
  });

  it('writes nothing when only Grafana itself changed what it keeps', async () => {
    await put(file());
    fake.state.upgrade = (dashboard) => ({
      ...dashboard,
      schemaVersion: 42,
      preload: false,
      annotations: { list: [] },
    });
    fake.state.requests.length = 0;
    expect(await put(file())).toEqual({ action: 'unchanged' });
    expect(fake.state.writes).toEqual([]);
  });

  it('writes what the file changed', async () => {
    await put(file());
    expect(await put(file({ title: 'Demo 2' }))).toEqual({ action: 'updated' });
    expect(fake.state.dashboards.get('demo')?.dashboard['title']).toBe('Demo 2');
  });

  it('keeps an edit made in the browser, and says whose, until told to replace it', async () => {
    await put(file());
    fake.state.edit('demo', { title: 'Mine' }, 'alice');
    expect(await isUploaded(api(), file())).toBe('differs');
    fake.state.requests.length = 0;
    expect(await put(file({ title: 'Demo 2' }))).toEqual({
      action: 'kept',
      note: 'edited in Grafana by alice at 2026-11-23T10:00:00Z; left as it is',
    });
    expect(fake.state.writes).toEqual([]);
    expect(await put(file(), true)).toEqual({
      action: 'updated',
      note: 'replaced what was edited in Grafana by alice at 2026-11-23T10:00:00Z',
    });
    expect(await isUploaded(api(), file())).toBe('equal');
  });

  it('keeps one of that uid that was never ours, and one without a history', async () => {
    await api().save({ uid: 'demo', title: 'Theirs' }, { folderUid: '', message: '', onto: undefined });
    expect(await put(file())).toMatchObject({
      action: 'kept',
      note: expect.stringMatching(/^made in Grafana by admin/),
    });
    fake.state.dashboards.get('demo')!.versions.length = 0;
    expect(await put(file())).toMatchObject({ action: 'kept', note: expect.stringMatching(/no history/) });
    expect(fake.state.dashboards.get('demo')?.dashboard['title']).toBe('Theirs');
  });

  it('does not write over an edit made while it worked', async () => {
    await put(file());
    const late = api();
    const raced = {
      ...late,
      place: late.place,
      get: (uid: string) => late.get(uid),
      save: (...args: Parameters<typeof late.save>) => late.save(...args),
      versions: async (uid: string) => {
        const versions = await late.versions(uid);
        fake.state.edit('demo', { title: 'Mine' }, 'alice');
        return versions;
      },
    };
    const racing = uploadDashboard(raced, file({ title: 'Demo 2' }), { folder, overwrite: false });
    await expect(racing).rejects.toMatchObject({ code: 'GRAFANA_CONFLICT' });
    expect(fake.state.dashboards.get('demo')?.dashboard['title']).toBe('Mine');
  });

  it('brings back one that was moved to another folder', async () => {
    await put(file());
    fake.state.dashboards.get('demo')!.folderUid = '';
    expect(await put(file())).toMatchObject({ action: 'updated' });
    expect(fake.state.dashboards.get('demo')?.folderUid).toBe('cloudops');
  });

  it('explains one that Grafana reads from a file', async () => {
    await put(file());
    fake.state.dashboards.get('demo')!.provisioned = true;
    await expect(put(file({ title: 'Other' }), true)).rejects.toMatchObject({
      code: 'GRAFANA_PROVISIONED',
      fix: expect.arrayContaining([expect.stringMatching(/another 'uid'/)]),
    });
    expect(fake.state.dashboards.get('demo')?.dashboard['title']).toBe('Demo');
  });
});

describe('the Grafana client', () => {
  it('makes a folder once', async () => {
    fake.state.folders.clear();
    expect(await api().ensureFolder(folder.uid, folder.title)).toBe(true);
    expect(await api().ensureFolder(folder.uid, folder.title)).toBe(false);
    expect(fake.state.writes).toEqual(['POST /api/folders']);
  });

  it('lists our folder only', async () => {
    await put(file());
    await api().save(
      { uid: 'other', title: 'Other' },
      { folderUid: '', message: 'by hand', onto: undefined },
    );
    expect(await api().list('cloudops')).toEqual([{ uid: 'demo', title: 'Demo', url: '/d/demo/x' }]);
  });

  it('says what to do about a wrong password, without showing it', async () => {
    const error = await grafana(fake.transport('hunter2'))
      .get('demo')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'GRAFANA_AUTH',
      why: expect.stringContaining('Invalid username or password'),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });

  it('says when nothing answers', async () => {
    const gone = grafana(fake.transport());
    await fake.close();
    await expect(gone.get('demo')).rejects.toMatchObject({
      code: 'GRAFANA_UNREACHABLE',
      why: expect.stringContaining('ECONNREFUSED'),
    });
    fake = await startFakeGrafana();
  });

  it('tells a sick database and an unreachable data source from healthy ones', async () => {
    expect(await api().health()).toEqual({ ok: true, detail: 'version 12.4.11' });
    fake.state.database = 'failing';
    expect(await api().health()).toEqual({ ok: false, detail: 'it answered 503, database failing' });
    expect(await api().dataSourceHealth('prometheus')).toMatchObject({ ok: true });
    Object.assign(fake.state.dataSources.get('prometheus')!, {
      healthy: false,
      message: 'connection refused',
    });
    expect(await api().dataSourceHealth('prometheus')).toEqual({ ok: false, detail: 'connection refused' });
    expect(await api().dataSourceHealth('loki')).toEqual({ ok: false, detail: 'Data source not found' });
  });
});
