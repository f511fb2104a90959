import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import type { Event } from '../../src/engine/task.js';
import type { HostRecord } from '../../src/hosts/host.js';
import { compareDashboards, listDashboards } from '../../src/operations/compare-dashboards.js';
import type { Context } from '../../src/operations/context.js';
import { uploadDashboards } from '../../src/operations/upload-dashboards.js';
import { type FakeGrafana, startFakeGrafana } from '../support/fake-grafana.js';
import { fakeHost } from '../support/fake-host.js';

const record: HostRecord = {
  name: 'monitoring',
  role: 'monitoring',
  address: '127.0.0.1',
  privateAddress: '127.0.0.1',
  instanceId: undefined,
};

let fake: FakeGrafana;
let folder: string;
let events: Event[];
beforeEach(async () => {
  fake = await startFakeGrafana();
  folder = await mkdtemp(join(tmpdir(), 'upload-'));
  events = [];
});
afterEach(async () => {
  await fake.close();
  await rm(folder, { recursive: true });
});

/** A context whose monitoring host says of Grafana's password what `said` has: why there is none, or the password. */
function context(said: { skipped?: string; password?: string } = {}): Context {
  const line = (text: string | undefined): string => (text === undefined ? '' : `${text}\n`);
  const stdout = `${line(said.skipped)}cloudops-access\n${line(said.password)}cloudops-access\n`;
  return {
    config: configSchema.parse({ monitoring: { grafana: { port: fake.port } } }),
    stack: 'demo-dev',
    region: 'us-east-1',
    aws: () => Promise.reject(new Error('AWS is not to be asked')),
    connect: () =>
      Promise.resolve(
        fakeHost({
          name: 'monitoring',
          instead: (trip) => (trip === 0 ? { code: 0, stdout, stderr: '' } : undefined),
        }),
      ),
    on: (event) => events.push(event),
    signal: new AbortController().signal,
    sandbox: true,
    stateDir: folder,
  };
}

const upload = (more: object = {}, said = { password: fake.state.password }) =>
  uploadDashboards(context(said), { hosts: [record], ...more });

describe('dashboards upload', () => {
  it('goes through the host, and writes nothing the second time', async () => {
    const first = await upload();
    expect(first.result).toMatchObject({
      ok: true,
      dashboards: [
        { uid: 'cloudops-system-overview', title: 'System Overview', action: 'created' },
        { uid: 'cloudops-prometheus-monitoring', title: 'Prometheus Monitoring', action: 'created' },
        { uid: 'cloudops-fleet', title: 'Fleet', action: 'created' },
      ],
    });
    expect(fake.state.folders.get('cloudops')).toBe('CloudOps');
    fake.state.requests.length = 0;
    const second = await upload();
    expect(second.result.dashboards.map(({ action }) => action)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    expect(fake.state.writes).toEqual([]);
  });

  it("takes the password kept on the operator's machine when the host has none", async () => {
    await writeFile(join(folder, 'grafana-admin-password'), `${fake.state.password}\n`, { mode: 0o600 });
    const { result } = await uploadDashboards(context(), { hosts: [record] });
    expect(result.ok).toBe(true);
  });

  it('says when nobody has the password', async () => {
    await expect(uploadDashboards(context(), { hosts: [record] })).rejects.toMatchObject({
      code: 'GRAFANA_NO_PASSWORD',
    });
  });

  it('refuses a bad file, and the good ones go on', async () => {
    await writeFile(join(folder, 'good.json'), JSON.stringify({ uid: 'good', title: 'Good' }));
    await writeFile(join(folder, 'bad.json'), '{"uid": "bad"');
    const { result } = await upload({ files: [folder] });
    expect(result.ok).toBe(false);
    expect(result.dashboards.map(({ source, action }) => [source.slice(folder.length + 1), action])).toEqual([
      ['good.json', 'created'],
      ['bad.json', 'refused'],
    ]);
    expect([...fake.state.dashboards.keys()]).toEqual(['good']);
  });

  it('reports a wrong password for each dashboard, in one error', async () => {
    const { result, report } = await upload({}, { password: 'wrong' });
    expect(result.ok).toBe(false);
    expect(result.dashboards.map(({ action, note }) => [action, note])).toEqual([
      ['skipped', 'needs dashboards folder'],
      ['skipped', 'needs dashboards folder'],
      ['skipped', 'needs dashboards folder'],
    ]);
    const failed = report.results.flatMap((one) => (one.status === 'failed' ? [one.error] : []));
    expect(failed).toEqual([expect.objectContaining({ code: 'GRAFANA_AUTH' })]);
    expect(JSON.stringify(events)).not.toContain('wrong"');
  });

  it('is skipped, with the reason, where Grafana could not be had', async () => {
    const { result, report } = await upload({}, { skipped: 'its release could not be fetched' } as never);
    expect(result).toMatchObject({ ok: true, skipped: 'its release could not be fetched' });
    expect(result.dashboards.map(({ action }) => action)).toEqual(['skipped', 'skipped', 'skipped']);
    expect(report.results).toMatchObject([{ status: 'done', outcome: 'skip' }]);
    expect(fake.state.requests).toEqual([]);
  });
});

describe('dashboards diff and list', () => {
  it('show an edit, and what is there', async () => {
    await upload();
    fake.state.edit('cloudops-system-overview', { title: 'Mine' });
    const said = { password: fake.state.password };
    const { dashboards } = await compareDashboards(context(said), { hosts: [record] });
    expect(dashboards).toEqual([
      {
        uid: 'cloudops-system-overview',
        title: 'System Overview',
        state: 'differs',
        edited: 'edited in Grafana by alice at 2026-11-23T10:00:00Z',
        differences: [{ path: 'title', from: 'Mine', to: 'System Overview' }],
      },
      {
        uid: 'cloudops-prometheus-monitoring',
        title: 'Prometheus Monitoring',
        state: 'equal',
        differences: [],
      },
      { uid: 'cloudops-fleet', title: 'Fleet', state: 'equal', differences: [] },
    ]);
    const listed = await listDashboards(context(said), { hosts: [record] });
    expect(listed.dashboards.map(({ title }) => title)).toEqual(['Fleet', 'Mine', 'Prometheus Monitoring']);
  });
});

describe('two hundred dashboards', () => {
  it('are uploaded once, then left alone', async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        writeFile(
          join(folder, `${index}.json`),
          JSON.stringify({ uid: `d${index}`, title: `D ${index}`, panels: [] }),
        ),
      ),
    );
    const direct = { files: [folder], transport: fake.transport() };
    await uploadDashboards(context(), direct);
    expect(fake.state.dashboards.size).toBe(200);
    fake.state.requests.length = 0;
    const { result } = await uploadDashboards(context(), direct);
    expect(result.ok).toBe(true);
    expect(fake.state.writes).toEqual([]);
  }, 30_000);
});
