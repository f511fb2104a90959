import type { Span } from '../variables.js';
import { type Html, html } from './html.js';

/** Five moments along the width, written by the reader's own clock once the page runs. */
export function timeAxis({ from, to }: Span): Html {
  const moments = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(from + (to - from) * share));
  const marks = moments.map(
    (at) => html`<time data-at="${at}">${new Date(at * 1000).toISOString().slice(11, 16)}</time>`,
  );
  return html`<div class="axis">${marks}</div>`;
}
