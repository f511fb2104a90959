import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { renderAll } from '../../src/dashboards/definitions/all.js';
import { lintDashboard } from '../../src/dashboards/lint.js';
import { shippedDashboards } from '../../src/dashboards/load.js';

const rendered = renderAll();
const committed = (name: string): string =>
  readFileSync(new URL(`../../templates/dashboards/${name}`, import.meta.url), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly options?: { readonly legend?: { readonly showLegend: boolean } };
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly thresholds: { readonly steps: object[] } };
  };
}
interface Board {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly refresh: string;
  readonly timezone: string;
  readonly panels: readonly Panel[];
  readonly links: readonly { readonly url: string }[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

describe('the dashboards that ship', () => {
  it.each(Object.keys(rendered))('%s is what the code makes (node scripts/dashboards.mjs)', (name) => {
    expect(committed(name)).toBe(rendered[name]);
  });

  it('are all loaded at run time, under their fixed uids', () => {
    expect(shippedDashboards().map(({ uid }) => uid)).toEqual([
      'cloudops-system-overview',
      'cloudops-prometheus-monitoring',
      'cloudops-fleet',
    ]);
    expect(shippedDashboards()).toHaveLength(Object.keys(rendered).length);
  });

  describe.each(Object.entries(rendered))('%s', (name, text) => {
    const board = JSON.parse(text) as Board;
    const drawn = board.panels.filter(({ type }) => type !== 'row');

    it('has nothing that belongs to one Grafana', () => {
      expect(board).not.toHaveProperty('id');
      expect(board).not.toHaveProperty('version');
      expect(board.schemaVersion).toBeLessThanOrEqual(42);
      expect([board.refresh, board.timezone]).toEqual(['30s', 'browser']);
      expect(board.templating.list.map((variable) => variable.name)).toEqual([
        'datasource',
        'job',
        'instance',
      ]);
    });

    it('gives every panel its own id, inside the grid, none on another', () => {
      const ids = board.panels.map(({ id }) => id);
      expect(ids.filter((id) => !Number.isInteger(id))).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
      const cells = board.panels.flatMap(({ id, gridPos: { x, y, w, h } }) => {
        expect(x + w).toBeLessThanOrEqual(24);
        return Array.from({ length: w * h }, (_, at) => ({
          id,
          at: `${x + (at % w)},${y + Math.floor(at / w)}`,
        }));
      });
      expect(new Set(cells.map(({ at }) => at)).size).toBe(cells.length);
    });

    it('shows the legends', () => {
      const hidden = drawn.filter(({ options }) => options?.legend?.showLegend === false);
      expect(hidden.map(({ title }) => title)).toEqual([]);
    });

    it('links to the others', () => {
      const others = shippedDashboards()
        .map(({ uid }) => uid)
        .filter((uid) => uid !== board.uid);
      expect(board.links.map(({ url }) => url)).toEqual(others.map((uid) => `/d/${uid}`));
      expect(others).toHaveLength(2);
    });

    it('passes our own lint', () => {
      expect(lintDashboard(JSON.parse(text) as Record<string, unknown>)).toEqual([]);
      expect(name).toMatch(/\.json$/);
    });
  });

  it('lead from a row of the fleet to the overview of that host', () => {
    expect(rendered['fleet.json']).toContain(
      '/d/cloudops-system-overview?var-job=${__data.fields[\\"Job\\"]}&var-instance=${__data.fields[\\"Instance\\"]}',
    );
  });

  it.each([
    ['CPU', 70, 90],
    ['CPU usage', 70, 90],
    ['Memory', 80, 95],
    ['Memory usage', 80, 95],
    ['Disk', 80, 95],
    ['Disk usage by mount', 80, 95],
  ])('colour %s green, yellow from %d, red from %d', (title, yellow, red) => {
    const board = JSON.parse(rendered['system-overview.json'] ?? '') as Board;
    const panel = board.panels.find((one) => one.title === title);
    expect(panel?.fieldConfig?.defaults.thresholds.steps).toEqual([
      { value: null, color: 'green' },
      { value: yellow, color: 'yellow' },
      { value: red, color: 'red' },
    ]);
  });
});
