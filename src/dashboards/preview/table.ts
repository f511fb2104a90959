import { type Fields, fields, list, number, text } from '../json.js';
import { colorOf, type Field, fieldOf, shown } from './field.js';
import { cssColor, type Html, html } from './html.js';
import { lastValue, namedSeries, type PanelData } from './panel-data.js';

type Cell = string | number;
interface Grid {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (Cell | undefined)[])[];
}

/** Rows of labels and values; queries are merged by their labels, columns ordered and renamed as the panel says. */
export function drawTable(panel: PanelData): Html {
  const grid = sorted(organized(merged(panel), list(panel.panel['transformations'])), panel.panel);
  const looks = grid.columns.map((column) => fieldOf(panel.panel, column));
  const head = grid.columns.map((column) => html`<th scope="col">${column}</th>`);
  const rows = grid.rows.map((row) => {
    const cells = row.map((cell, index) => drawCell(cell, looks[index]));
    return html`<tr>
      ${cells}
    </tr>`;
  });
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function drawCell(cell: Cell | undefined, field: Field | undefined): Html {
  if (typeof cell !== 'number' || field === undefined) return html`<td>${cell}</td>`;
  const color = colorOf(field, cell);
  const options = fields(field.more['custom.cellOptions'] ?? field.more['cellOptions']);
  const kind = text(options['type']);
  const words = shown(field, cell);
  if (color === undefined || kind === '' || kind === 'auto') return html`<td class="number">${words}</td>`;
  if (kind === 'color-text') return html`<td class="number" style="color:${cssColor(color)}">${words}</td>`;
  if (kind === 'color-background') {
    return html`<td class="number">
      <span class="badge" style="--tone:${cssColor(color)}">${words}</span>
    </td>`;
  }
  const share = Math.min(1, Math.max(0, (cell - (field.min ?? 0)) / ((field.max ?? 100) - (field.min ?? 0))));
  return html`<td class="number">
    <span class="meter"><i style="width:${(share * 100).toFixed(1)}%;background:${cssColor(color)}"></i></span
    >${words}
  </td>`;
}

/** A row for each set of labels, a column `Value #REF` for each query; `Value` when there is one. */
function merged(panel: PanelData): Grid {
  const refs = panel.answers.map(({ query }) => query.refId);
  const valueColumn = (ref: string): string => (refs.length === 1 ? 'Value' : `Value #${ref}`);
  const rows = new Map<string, Record<string, Cell>>();
  const columns = new Set<string>();
  for (const { labels, refId, ...series } of namedSeries(panel)) {
    const { __name__: _, ...plain } = labels;
    for (const label of Object.keys(plain)) columns.add(label);
    const key = JSON.stringify(Object.entries(plain).sort());
    rows.set(key, { ...plain, ...rows.get(key), [valueColumn(refId)]: lastValue({ labels, ...series }) });
  }
  const all = [...columns, ...new Set(refs.map(valueColumn))];
  return { columns: all, rows: [...rows.values()].map((row) => all.map((column) => row[column])) };
}

/** The transformation `organize`: which columns, in which order, under which names. */
function organized(grid: Grid, transformations: readonly Fields[]): Grid {
  const { options } = transformations.find(({ id }) => id === 'organize') ?? {};
  const { excludeByName, indexByName, renameByName } = fields(options);
  const order = (column: string): number => number(fields(indexByName)[column]) ?? 1000;
  const kept = grid.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => fields(excludeByName)[column] !== true)
    .sort((one, other) => order(one.column) - order(other.column));
  return {
    columns: kept.map(({ column }) => text(fields(renameByName)[column]) || column),
    rows: grid.rows.map((row) => kept.map(({ index }) => row[index])),
  };
}

function sorted(grid: Grid, panel: Fields): Grid {
  const [by] = list(fields(panel['options'])['sortBy']);
  const at = grid.columns.indexOf(text(by?.['displayName']));
  if (at < 0) return grid;
  const sign = by?.['desc'] === true ? -1 : 1;
  const rows = [...grid.rows].sort((one, other) => sign * compared(one[at], other[at]));
  return { ...grid, rows };
}

function compared(one: Cell | undefined, other: Cell | undefined): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one ?? '').localeCompare(String(other ?? ''));
}
