import { fields, text } from '../json.js';
import { fieldOf, shown } from './field.js';
import { cssColor, data, type Html, html, seriesColor } from './html.js';
import { lastValue, type Named, namedSeries, type PanelData } from './panel-data.js';
import { scaleOf } from './units.js';

/** More lines than anybody can tell apart; the rest is said. */
const mostSeries = 60;

/** Lines over time, for the chart library of the page, with a legend that shows the values under the pointer. */
export function drawPlot(panel: PanelData): Html {
  const all = namedSeries(panel);
  const drawn = all.slice(0, mostSeries);
  const field = fieldOf(panel.panel);
  const custom = fields(fields(fields(panel.panel['fieldConfig'])['defaults'])['custom']);
  const stacked = text(fields(custom['stacking'])['mode']) === 'normal';
  const times = gridOf(panel);
  const size = Math.max(
    0,
    ...drawn.flatMap(({ points }) =>
      points.map(([, value]) => (Number.isFinite(value) ? Math.abs(value) : 0)),
    ),
  );
  const lines = text(fields(custom['thresholdsStyle'])['mode']).replace('off', '') !== '';
  const plot = {
    times,
    series: drawn.map((one) => aligned(one, times)),
    colors: drawn.map((_, index) => `--c${(index % 10) + 1}`),
    scale: scaleOf(field.unit, size),
    decimals: field.decimals ?? null,
    min: field.min ?? null,
    max: field.max ?? null,
    stacked,
    fill: Number(custom['fillOpacity'] ?? 0) / 100,
    thresholds: lines
      ? field.thresholds
          .filter(({ value }) => Number.isFinite(value))
          .map(({ value, color }) => ({ value, color: cssColor(color).replace(/^var\((.*)\)$/, '$1') }))
      : [],
  };
  const legend = drawn.map(
    (one, index) =>
      html`<li>
        <i style="background:${seriesColor(index)}"></i><span>${one.name}</span>
        <b>${shown(field, lastValue(one))}</b>
      </li>`,
  );
  const more = all.length > drawn.length ? html`<li>and ${all.length - drawn.length} more</li>` : undefined;
  return html`<div class="plot">
      <script type="application/json">
        ${data(plot)}
      </script>
    </div>
    <ul class="legend">
      ${legend}${more}
    </ul>`;
}

/** The moments that the range queries asked for. */
function gridOf({ span: { from, to, step } }: PanelData): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

/** A value for each moment, null where there is none: a gap in the line. */
function aligned({ points }: Named, times: readonly number[]): (number | null)[] {
  const values = new Map(points.map(([at, value]) => [Math.round(at), value]));
  return times.map((at) => {
    const value = values.get(Math.round(at));
    return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(6));
  });
}
