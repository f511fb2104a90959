import { fields, text } from '../json.js';
import { colorOf, type Field, fieldOf, shown } from './field.js';
import { cssColor, type Html, html } from './html.js';
import { namedSeries, type PanelData } from './panel-data.js';
import { timeAxis } from './time-axis.js';

interface Segment {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** A band for each series: its states over time. */
export function drawStates(panel: PanelData): Html {
  const field = fieldOf(panel.panel);
  const { from, to, step } = panel.span;
  // A status history shows every moment by itself; a state timeline joins equal ones.
  const merge =
    text(panel.panel['type']) !== 'status-history' && fields(panel.panel['options'])['mergeValues'] !== false;
  const rows = namedSeries(panel).map((series) => {
    const segments = segmentsOf(series.points, step, merge).map((segment) =>
      cell(segment, field, { from, to }),
    );
    return html`<span class="name">${series.name}</span>
      <div class="band">${segments}</div>`;
  });
  return html`<div class="states">${rows}<span></span>${timeAxis(panel.span)}</div>
    ${legendOf(field)}`;
}

function segmentsOf(points: readonly (readonly [number, number])[], step: number, merge: boolean): Segment[] {
  const found: Segment[] = [];
  for (const [at, value] of points) {
    const last = found.at(-1);
    if (merge && last?.value === value && at - last.to < step / 2)
      found[found.length - 1] = { ...last, to: at + step };
    else found.push({ from: at, to: at + step, value });
  }
  return found;
}

function cell(
  { from, to, value }: Segment,
  field: Field,
  span: { readonly from: number; readonly to: number },
): Html {
  const length = span.to - span.from;
  const left = ((from - span.from) / length) * 100;
  const width = Math.min(100 - left, ((to - from) / length) * 100);
  const words = shown(field, value);
  const color = cssColor(colorOf(field, value) ?? 'blue');
  return html`<i
    style="left:${left.toFixed(2)}%;width:${width.toFixed(2)}%;background:${color}"
    title="${words}"
    >${width > 12 ? words : ''}</i
  >`;
}

function legendOf(field: Field): Html {
  const items = [...field.mappings.values()].map(
    ({ text: words, color }) =>
      html`<li><i style="background:${cssColor(color ?? 'text')}"></i><span>${words}</span></li>`,
  );
  return html`<ul class="legend">
    ${items}
  </ul>`;
}
