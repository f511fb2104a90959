import { fields, number } from '../json.js';
import { fieldOf } from './field.js';
import { type Html, html } from './html.js';
import { namedSeries, type Named, type PanelData } from './panel-data.js';
import { timeAxis } from './time-axis.js';
import { formatted } from './units.js';

interface Row {
  readonly label: string;
  /** One number for each column. */
  readonly counts: readonly number[];
}

const columnsAtMost = 60;

/** How many series are where, over time: the darker, the more. */
export function drawHeatmap(panel: PanelData): Html {
  const columns = Math.min(
    columnsAtMost,
    Math.max(1, Math.floor((panel.span.to - panel.span.from) / panel.span.step)),
  );
  const calculated = fields(panel.panel['options'])['calculate'] === true;
  const rows = calculated ? counted(panel, columns) : ofBuckets(panel, columns);
  const most = Math.max(1e-9, ...rows.flatMap(({ counts }) => counts));
  const lines = rows.map(({ label, counts }) => {
    const cells = counts.map((count, index) =>
      count > 0
        ? html`<i
            style="left:${((index / columns) * 100).toFixed(2)}%;width:${(100 / columns).toFixed(2)}%;opacity:${(0.15 + 0.85 * (count / most)).toFixed(2)}"
            title="${formatted(count, 'short')}"
          ></i>`
        : html``,
    );
    return html`<span class="name">${label}</span>
      <div class="band heat">${cells}</div>`;
  });
  return html`<div class="states heatmap">${lines}<span></span>${timeAxis(panel.span)}</div>`;
}

function columnOf({ span: { from, to } }: PanelData, at: number, columns: number): number {
  return Math.min(columns - 1, Math.max(0, Math.floor(((at - from) / (to - from)) * columns)));
}

/** Ten steps between minimum and maximum; in each column every series counts once, by its mean there. */
function counted(panel: PanelData, columns: number): Row[] {
  const field = fieldOf(panel.panel);
  const series = namedSeries(panel);
  const values = series.flatMap(({ points }) => points.map(([, value]) => value).filter(Number.isFinite));
  const axis = fields(fields(panel.panel['options'])['yAxis']);
  const low = field.min ?? number(axis['min']) ?? Math.min(0, ...values);
  const high = field.max ?? number(axis['max']) ?? Math.max(low + 1e-9, ...values);
  const steps = 10;
  const grid = Array.from({ length: steps }, () => new Array<number>(columns).fill(0));
  for (const one of series) {
    for (const [column, mean] of means(panel, one, columns)) {
      const step = Math.min(steps - 1, Math.max(0, Math.floor(((mean - low) / (high - low)) * steps)));
      const line = grid[step];
      if (line !== undefined) line[column] = (line[column] ?? 0) + 1;
    }
  }
  return grid
    .map((counts, step) => ({
      label: formatted(low + ((high - low) * step) / steps, field.unit, field.decimals),
      counts,
    }))
    .reverse();
}

function means(panel: PanelData, { points }: Named, columns: number): Map<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [at, value] of points) {
    if (!Number.isFinite(value)) continue;
    const column = columnOf(panel, at, columns);
    const { sum, count } = sums.get(column) ?? { sum: 0, count: 0 };
    sums.set(column, { sum: sum + value, count: count + 1 });
  }
  return new Map([...sums].map(([column, { sum, count }]) => [column, sum / count]));
}

/** Series that are buckets of a histogram already: `le` grows, and each holds the ones below it. */
function ofBuckets(panel: PanelData, columns: number): Row[] {
  const bound = ({ labels }: Named): number =>
    labels['le'] === '+Inf' ? Infinity : Number(labels['le'] ?? NaN);
  const series = [...namedSeries(panel)].sort((one, other) => bound(one) - bound(other));
  const cumulative = panel.answers.every(({ query }) => query.format === 'heatmap');
  let below = new Map<number, number>();
  const rows = series.map((one): Row => {
    const now = means(panel, one, columns);
    const counts = Array.from({ length: columns }, (_, column) => {
      const all = now.get(column) ?? 0;
      return Math.max(0, cumulative ? all - (below.get(column) ?? 0) : all);
    });
    below = now;
    return { label: one.labels['le'] ?? one.name, counts };
  });
  return rows.reverse();
}
