import { describe, expect, it } from '@jest/globals';
import { givenSources, resolveDataSources } from '../../src/dashboards/data-sources.js';
import type { DataSource } from '../../src/dashboards/grafana.js';
import { parseDashboard } from '../../src/dashboards/parse.js';
import { ownSources } from '../support/own-prometheus.js';

const good = { uid: 'demo', title: 'Demo', panels: [] };
const file = (content: object) => parseDashboard('x.json', JSON.stringify({ ...good, ...content }));
const source = (uid: string, name: string, type = 'prometheus', isDefault = false): DataSource => ({
  uid,
  name,
  type,
  isDefault,
});
const many = [source('p1', 'Prod'), source('p2', 'Test', 'prometheus', true), source('l1', 'Logs', 'loki')];

describe('data sources of a dashboard', () => {
  it('takes the place of the placeholders of an export, and says so', () => {
    const exported = file({
      __inputs: [
        { name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus' },
        { name: 'VAR_LIMIT', type: 'constant', value: '90' },
      ],
      __requires: [],
      panels: [
        {
          datasource: { uid: '${DS_PROM}' },
          targets: [{ expr: 'up > ${VAR_LIMIT}', datasource: '${DS_OTHER}' }],
        },
      ],
    });
    const { content, resolved } = resolveDataSources(exported, ownSources);
    const prometheus = { type: 'prometheus', uid: 'prometheus' };
    expect(content).toEqual({
      ...good,
      panels: [{ datasource: { uid: 'prometheus' }, targets: [{ expr: 'up > 90', datasource: prometheus }] }],
    });
    expect(resolved).toEqual([
      "${DS_PROM} is data source 'prometheus'",
      "${VAR_LIMIT} is '90'",
      "${DS_OTHER} is data source 'prometheus'",
    ]);
  });

  it('is found by its name, wherever it stands', () => {
    const named = file({
      panels: [{ datasource: 'Prod', targets: [{ datasource: { type: 'prometheus', uid: 'Test' } }] }],
      annotations: { list: [{ datasource: '-- Grafana --' }] },
      templating: {
        list: [
          { name: 'datasource', type: 'datasource' },
          { name: 'job', datasource: { uid: '$datasource' } },
        ],
      },
    });
    const { content, resolved } = resolveDataSources(named, many);
    expect(content['panels']).toEqual([
      {
        datasource: { type: 'prometheus', uid: 'p1' },
        targets: [{ datasource: { type: 'prometheus', uid: 'p2' } }],
      },
    ]);
    expect(content['annotations']).toEqual({ list: [{ datasource: '-- Grafana --' }] });
    expect(content['templating']).toEqual(named.content['templating']);
    expect(resolved).toEqual(["data source 'Prod' is 'p1'", "data source 'Test' is 'p2'"]);
  });

  it("leaves a dashboard's own variables alone", () => {
    const own = file({
      panels: [{ datasource: { uid: '${DS_PROMETHEUS}' }, title: '${job}' }],
      templating: { list: [{ name: 'DS_PROMETHEUS', type: 'datasource' }] },
    });
    expect(resolveDataSources(own, ownSources)).toEqual({ ...own, resolved: [] });
  });

  it('is the default one of several, or the one that the operator names', () => {
    const exported = file({ panels: [{ datasource: '${DS_PROM}' }] });
    expect(resolveDataSources(exported, many).content['panels']).toEqual([
      { datasource: { type: 'prometheus', uid: 'p2' } },
    ]);
    const given = givenSources(['DS_PROM=p1']);
    expect(resolveDataSources(exported, many, given).content['panels']).toEqual([
      { datasource: { type: 'prometheus', uid: 'p1' } },
    ]);
    const alien = file({ panels: [{ datasource: { type: 'prometheus', uid: 'PBFA97CFB590B2093' } }] });
    expect(resolveDataSources(alien, many, givenSources(['PBFA97CFB590B2093=p1'])).resolved).toEqual([
      "data source 'PBFA97CFB590B2093' is 'p1'",
    ]);
  });

  it.each([
    [
      'a uid that is not there',
      { panels: [{ datasource: { type: 'prometheus', uid: 'PBFA97CFB590B2093' } }] },
      ownSources,
    ],
    ['a name that is not there', { panels: [{ datasource: 'Elsewhere' }] }, ownSources],
    ['another type', { __inputs: [{ name: 'DS_LOKI', type: 'datasource', pluginId: 'loki' }] }, ownSources],
    ['a constant without a value', { __inputs: [{ name: 'VAR_X', type: 'constant' }] }, ownSources],
    [
      'two of the type, none the default',
      { panels: [{ datasource: '${DS_P}' }] },
      [source('a', 'A'), source('b', 'B')],
    ],
    ['no data source at all', { panels: [{ datasource: '${DS_P}' }] }, []],
  ])('is an error of that file when it is %s', (_, content, sources) => {
    expect(() => resolveDataSources(file(content), sources)).toThrow(
      expect.objectContaining({
        code: 'DASHBOARD_DATA_SOURCE',
        what: 'x.json is not uploaded:',
        fix: [expect.stringMatching(/--data-source \w+=UID.*There is: /s)],
      }),
    );
  });

  it('refuses a mapping that is none', () => {
    expect(() => givenSources(['prometheus'])).toThrow(expect.objectContaining({ code: 'DATA_SOURCE_FLAG' }));
  });
});
