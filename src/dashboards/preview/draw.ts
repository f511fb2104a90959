import { fields, text } from '../json.js';
import { drawHeatmap } from './heatmap.js';
import { type Html, html } from './html.js';
import { drawBarGauge, drawGauge, drawStat } from './now-panels.js';
import type { PanelData } from './panel-data.js';
import { drawPlot } from './plot.js';
import { drawStates } from './states.js';
import { drawTable } from './table.js';

const kinds: Readonly<Record<string, (panel: PanelData) => Html>> = {
  timeseries: drawPlot,
  graph: drawPlot,
  trend: drawPlot,
  barchart: drawPlot,
  stat: drawStat,
  singlestat: drawStat,
  gauge: drawGauge,
  bargauge: drawBarGauge,
  table: drawTable,
  'table-old': drawTable,
  heatmap: drawHeatmap,
  'state-timeline': drawStates,
  'status-history': drawStates,
};

/** True when the panel shows nothing: no query gave a series, and it isn't text. */
export function isEmpty({ answers, panel }: PanelData): boolean {
  return panel['type'] !== 'text' && answers.every(({ series }) => series.length === 0);
}

/** What stands inside a panel. A kind that isn't known is drawn as lines, and said. */
export function drawPanel(panel: PanelData): Html {
  const type = text(panel.panel['type']);
  if (type === 'text') return html`<p class="words">${text(fields(panel.panel['options'])['content'])}</p>`;
  const failed = panel.answers.flatMap(({ error }) =>
    error === undefined ? [] : [html`<p class="note">${error}</p>`],
  );
  if (isEmpty(panel)) {
    const why = panel.answers.length === 0 ? 'no query that Prometheus answers' : 'no data';
    return html`${failed}
      <p class="nothing">${why}</p>`;
  }
  const draw = kinds[type];
  const note =
    draw === undefined ? html`<p class="note">A ${type || 'nameless'} panel, drawn as lines.</p>` : undefined;
  return html`${failed}${note}${(draw ?? drawPlot)(panel)}`;
}
