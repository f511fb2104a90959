import { template } from '../../templates.js';
import { fields, number, text } from '../json.js';
import { chartLibrary } from './chart-library.js';
import type { CollectedDashboard } from './collect.js';
import { drawPanel } from './draw.js';
import { Html, html } from './html.js';
import type { PanelData } from './panel-data.js';

/** Everything in one file: no request leaves the page, and nothing but its own scripts runs in it. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** The dashboards as one HTML page. `place` says where the data came from. Pure but for reading the page's parts. */
export function previewPage(dashboards: readonly CollectedDashboard[], place: string): string {
  const { script, styles } = chartLibrary();
  const titles = dashboards.map(({ title }) => title).join(', ');
  const nav = dashboards.map(({ title, uid }) => html`<a href="#${uid}">${title}</a>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <title>${titles}</title>
        <style>
          ${new Html(styles)}${new Html(template('preview/page.css'))}
        </style>
      </head>
      <body>
        <header>
          <nav>${nav}</nav>
          <span class="from">${place}</span><button type="button" id="theme">Theme</button>
        </header>
        <main>${dashboards.map(drawDashboard)}</main>
        <script>
          ${new Html(script)};
        </script>
        <script>
          ${new Html(template('preview/page.js'))};
        </script>
      </body>
    </html> `;
  return page.markup;
}

function drawDashboard(dashboard: CollectedDashboard): Html {
  const { uid, title, description, variables, span } = dashboard;
  const chips = variables.map(([label, value]) => html`<li><span>${label}</span> ${value}</li>`);
  const moments = html`<li>
    <span>Time</span> <time data-at="${span.from}" data-long>${iso(span.from)}</time> to
    <time data-at="${span.to}" data-long>${iso(span.to)}</time>
  </li>`;
  return html`<section class="dashboard" id="${uid}">
    <h1>${title}</h1>
    <p class="words">${description}</p>
    <ul class="chips">
      ${chips}${moments}
    </ul>
    ${rowsOf(dashboard).map(drawRow)}
  </section>`;
}

interface Row {
  readonly title: string | undefined;
  readonly panels: readonly PanelData[];
}

function rowsOf({ panels }: CollectedDashboard): Row[] {
  const rows: { title: string | undefined; panels: PanelData[] }[] = [{ title: undefined, panels: [] }];
  for (const panel of panels) {
    if (panel.panel['type'] === 'row') rows.push({ title: panel.title, panels: [] });
    else rows.at(-1)?.panels.push(panel);
  }
  return rows.filter(({ panels: inside, title }) => inside.length > 0 || title !== undefined);
}

function drawRow({ title, panels }: Row): Html {
  const top = Math.min(...panels.map((panel) => place(panel).y));
  const heading = title === undefined ? undefined : html`<h2>${title}</h2>`;
  return html`${heading}
    <div class="grid">${panels.map((panel) => drawFrame(panel, top))}</div>`;
}

function drawFrame(panel: PanelData, top: number): Html {
  const { x, y, w, h } = place(panel);
  const style = `grid-column:${x + 1}/span ${w};grid-row:${y - top + 1}/span ${h};--rows:${h}`;
  const type = text(panel.panel['type']);
  const hint =
    panel.description === ''
      ? undefined
      : html`<details>
          <summary aria-label="What is this?">i</summary>
          <p>${panel.description}</p>
        </details>`;
  return html`<article class="panel ${type}" style="${style}">
    <h3>${panel.title}</h3>
    ${hint}
    <div class="body">${drawPanel(panel)}</div>
  </article>`;
}

function place({ panel }: PanelData): { x: number; y: number; w: number; h: number } {
  const { x, y, w, h } = fields(panel['gridPos']);
  const width = Math.min(24, Math.max(1, number(w) ?? 12));
  return {
    x: Math.min(24 - width, number(x) ?? 0),
    y: number(y) ?? 0,
    w: width,
    h: Math.max(1, number(h) ?? 8),
  };
}

function iso(at: number): string {
  return new Date(at * 1000).toISOString().replace('T', ' ').slice(0, 16);
}
