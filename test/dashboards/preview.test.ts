import { describe, expect, it } from '@jest/globals';
import { colorOf, fieldOf, shown } from '../../src/dashboards/preview/field.js';
import { cssColor, data, html } from '../../src/dashboards/preview/html.js';
import type { PanelData } from '../../src/dashboards/preview/panel-data.js';
import { drawTable } from '../../src/dashboards/preview/table.js';
import { formatted } from '../../src/dashboards/preview/units.js';
import { filled, single, type Values } from '../../src/dashboards/variables.js';

describe('a value for people', () => {
  it.each([
    [93.456, 'percent', 1, '93.5%'],
    [0.9345, 'percentunit', 1, '93.5%'],
    [0, 'bytes', undefined, '0 B'],
    [1536, 'bytes', undefined, '1.5 KiB'],
    [25_000_000_000, 'bytes', undefined, '23.3 GiB'],
    [1_500_000, 'bps', undefined, '1.5 Mb/s'],
    [0.0421, 's', undefined, '42.1 ms'],
    [5400, 's', 1, '1.5 h'],
    [0, 's', undefined, '0 s'],
    [1250, 'ms', undefined, '1.25 s'],
    [12_345, 'short', undefined, '12.3 K'],
    [3, 'widgets', undefined, '3 widgets'],
    [3, 'suffix:px', undefined, '3 px'],
    [NaN, 'percent', 1, 'no value'],
    [Infinity, 's', 1, '∞'],
    [-2048, 'bytes', undefined, '-2 KiB'],
  ])('%d in %s, %s decimals, is %s', (value, unit, decimals, words) => {
    expect(formatted(value, unit, decimals)).toBe(words);
  });
});

describe('thresholds and words', () => {
  const panel = {
    fieldConfig: {
      defaults: {
        unit: 'percent',
        thresholds: {
          steps: [
            { value: null, color: 'green' },
            { value: 70, color: 'yellow' },
            { value: 90, color: 'red' },
          ],
        },
        mappings: [{ type: 'value', options: { '-1': { text: 'unknown', color: 'blue' } } }],
      },
      overrides: [
        { matcher: { id: 'byName', options: 'Load' }, properties: [{ id: 'unit', value: 'short' }] },
      ],
    },
  };

  it.each([
    [69.9, 'green'],
    [70, 'yellow'],
    [90, 'red'],
    [-1, 'blue'],
  ])('%d is %s', (value, color) => {
    expect(colorOf(fieldOf(panel), value)).toBe(color);
  });

  it('are of a column where it has its own', () => {
    expect(shown(fieldOf(panel), -1)).toBe('unknown');
    expect(shown(fieldOf(panel), 50)).toBe('50%');
    expect(shown(fieldOf(panel, 'Load'), 50)).toBe('50');
  });
});

describe('markup', () => {
  it('escapes whatever it is given', () => {
    expect(html`<b title="${'"x"'}">${'<i>&'}</b>${[html`<u>${1}</u>`]}${undefined}`.markup).toBe(
      '<b title="&quot;x&quot;">&lt;i&gt;&amp;</b><u>1</u>',
    );
    expect(data({ a: '</script>' }).markup).toBe('{"a":"\\u003c/script>"}');
  });

  it('takes colours it knows, and no style of somebody else', () => {
    expect(cssColor('dark-red')).toBe('var(--red)');
    expect(cssColor('#ff00aa')).toBe('#ff00aa');
    expect(cssColor('red;background:url(x)')).toBe('var(--text)');
  });
});

describe('a table', () => {
  it('joins queries by their labels, and orders, names and sorts columns', () => {
    const series = (host: string, value: number) => ({
      labels: { host, job: 'node' },
      points: [[0, value] as const],
    });
    const query = (refId: string) => ({
      panelId: 1,
      panel: 'T',
      refId,
      expr: refId,
      legend: '',
      instant: true,
      format: 'table',
      source: '',
    });
    const panel: PanelData = {
      panel: {
        type: 'table',
        options: { sortBy: [{ displayName: 'CPU', desc: true }] },
        transformations: [
          { id: 'merge' },
          {
            id: 'organize',
            options: {
              excludeByName: { job: true },
              indexByName: { host: 0, 'Value #B': 1 },
              renameByName: { host: 'Host', 'Value #A': 'CPU', 'Value #B': 'Memory' },
            },
          },
        ],
      },
      title: 'T',
      description: '',
      answers: [
        { query: query('A'), series: [series('a', 10), series('b', 20)] },
        { query: query('B'), series: [series('a', 30)] },
      ],
      span: { from: 0, to: 1, step: 1, scrape: 1 },
    };
    const cells = [...drawTable(panel).markup.matchAll(/<t[hd](?: [^>]*)?>([^<]*)</g)].map(
      (match) => match[1],
    );
    expect(cells).toEqual(['Host', 'Memory', 'CPU', 'b', '', '20', 'a', '30', '10']);
  });
});

describe('variables', () => {
  const values: Values = new Map([
    ['one', single('a.b')],
    ['many', { values: ['a.b', 'c'], many: true }],
    ['all', { values: [], verbatim: '.+', many: true }],
  ]);
  it.each([
    ['x{l="$one"}', 'x{l="a.b"}'],
    ['x{l=~"${one:regex}"}', 'x{l=~"a\\\\.b"}'],
    ['x{l=~"$many"}', 'x{l=~"(a\\\\.b|c)"}'],
    ['${many:pipe} ${many:csv} [[one]]', 'a.b|c a.b,c a.b'],
    ['x{l=~"$all"}', 'x{l=~".+"}'],
    ['$unknown ${unknown}', '$unknown ${unknown}'],
  ])('fill %s', (expr, expected) => {
    expect(filled(expr, values)).toBe(expected);
  });
});
