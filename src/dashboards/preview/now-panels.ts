import { fields } from '../json.js';
import { colorOf, type Field, fieldOf, shown } from './field.js';
import { cssColor, Html, html, seriesColor } from './html.js';
import { type Named, namedSeries, type PanelData, reduced } from './panel-data.js';

/** One number for each series, coloured by its level, with its course behind it. */
export function drawStat(data: PanelData): Html {
  const field = fieldOf(data.panel);
  const tiles = valuesOf(data).map(({ series, value }, index) => {
    const color = cssOf(field, value, index);
    const course =
      fields(data.panel['options'])['graphMode'] === 'none' ? undefined : sparkline(series, color);
    return html`<div class="tile">
      <span class="name">${series.name}</span><b style="color:${color}">${shown(field, value)}</b>${course}
    </div>`;
  });
  return html`<div class="tiles">${tiles}</div>`;
}

/** An arc between minimum and maximum for each series. */
export function drawGauge(data: PanelData): Html {
  const field = fieldOf(data.panel);
  const tiles = valuesOf(data).map(({ series, value }, index) => {
    const color = cssOf(field, value, index);
    return html`<div class="tile dial">
      ${dial(field, value, color)}<b style="color:${color}">${shown(field, value)}</b
      ><span class="name">${series.name}</span>
    </div>`;
  });
  return html`<div class="tiles">${tiles}</div>`;
}

/** A bar for each series. */
export function drawBarGauge(data: PanelData): Html {
  const values = valuesOf(data);
  const field = fieldOf(data.panel);
  const most =
    field.max ?? Math.max(1e-9, ...values.map(({ value }) => (Number.isFinite(value) ? value : 0)));
  const bars = values.map(({ series, value }, index) => {
    const color = cssOf(field, value, index);
    return html`<div class="bar">
      <span class="name">${series.name}</span
      ><span class="track"
        ><i style="width:${percent(part(value, field.min ?? 0, most))};background:${color}"></i></span
      ><b>${shown(field, value)}</b>
    </div>`;
  });
  return html`<div class="bars">${bars}</div>`;
}

function valuesOf(data: PanelData): { readonly series: Named; readonly value: number }[] {
  const { calcs } = fields(fields(data.panel['options'])['reduceOptions']);
  const [calculation] = Array.isArray(calcs) ? (calcs as unknown[]) : [];
  return namedSeries(data).map((series) => ({ series, value: reduced(series, String(calculation)) }));
}

function cssOf(field: Field, value: number, index: number): string {
  const color = colorOf(field, value);
  return color === undefined ? seriesColor(index) : cssColor(color);
}

function part(value: number, min: number, max: number): number {
  return Number.isFinite(value) && max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

/** A half circle; length 100 along its line, so that shares are lengths. */
function dial(field: Field, value: number, color: string): Html {
  const [min, max] = [field.min ?? 0, field.max ?? 100];
  const arc = 'M 8 50 A 42 42 0 0 1 92 50';
  const marks = field.thresholds.map((step, index) => {
    const from = part(step.value, min, max);
    const to = part(field.thresholds[index + 1]?.value ?? max, min, max);
    const size = `${((to - from) * 100).toFixed(2)} 100`;
    return html`<path
      d="M 2 50 A 48 48 0 0 1 98 50"
      pathLength="100"
      class="mark"
      style="stroke:${cssColor(step.color)};stroke-dasharray:${size};stroke-dashoffset:${(-from * 100).toFixed(2)}"
    />`;
  });
  const filled = `${(part(value, min, max) * 100).toFixed(2)} 100`;
  return html`<svg viewBox="0 0 100 54" aria-hidden="true">
    <path d="${arc}" class="empty" />
    <path d="${arc}" pathLength="100" class="full" style="stroke:${color};stroke-dasharray:${filled}" />
    ${marks}
  </svg>`;
}

function sparkline({ points }: Named, color: string): Html | undefined {
  const real = points.filter(([, value]) => Number.isFinite(value));
  const [first, last] = [real[0], real.at(-1)];
  if (first === undefined || last === undefined || real.length < 3) return undefined;
  const values = real.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const line = real
    .map(([at, value]) => {
      const x = part(at, first[0], last[0]) * 100;
      const y = high === low ? 20 : 28 - part(value, low, high) * 26;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
  return html`<svg class="course" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
    <polyline points="${line}" style="stroke:${color}" />
  </svg>`;
}
