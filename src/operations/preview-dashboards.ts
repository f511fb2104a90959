import { durationSeconds } from '../config/duration.js';
import { collect } from '../dashboards/preview/collect.js';
import { isEmpty } from '../dashboards/preview/draw.js';
import { previewPage } from '../dashboards/preview/page.js';
import type { Prometheus } from '../dashboards/prometheus.js';
import type { Span } from '../dashboards/variables.js';
import type { Context } from './context.js';
import { type PrometheusAt, reachPrometheus } from './reach-prometheus.js';
import { wantedDashboards } from './wanted-dashboards.js';

export interface PreviewOptions extends PrometheusAt {
  /** Default: the shipped dashboards and those of the config. */
  readonly files: readonly string[];
  /** How far back, a Prometheus duration. */
  readonly last: string;
  /** Values of variables, by name. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

export interface PreviewedDashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: number;
  /** Titles of panels that show nothing. */
  readonly empty: readonly string[];
}

export interface Preview {
  readonly page: string;
  readonly place: string;
  readonly dashboards: readonly PreviewedDashboard[];
  readonly refused: readonly { readonly source: string; readonly why: string }[];
}

/** Draws dashboards without Grafana: one page that holds everything. Reads only; rejects when Prometheus doesn't answer. */
export async function previewDashboards(context: Context, options: PreviewOptions): Promise<Preview> {
  const { good, refused } = await wantedDashboards(context, options.files);
  const reached = await reachPrometheus(context, options);
  const { prometheus } = reached;
  try {
    const span = await spanOf(prometheus, options.last);
    const collected = [];
    for (const { content } of good)
      collected.push(await collect(content, { prometheus, span, given: options.given }));
    return {
      page: previewPage(collected, prometheus.place),
      place: prometheus.place,
      dashboards: collected.map(({ uid, title, panels }) => {
        const drawn = panels.filter(({ panel }) => panel['type'] !== 'row');
        return { uid, title, panels: drawn.length, empty: drawn.filter(isEmpty).map((panel) => panel.title) };
      }),
      refused: refused.map(({ source, error }) => ({ source, why: error.message })),
    };
  } finally {
    await reached.close();
  }
}

/** About 200 points, as many as a panel has pixels to tell apart. */
async function spanOf(prometheus: Prometheus, last: string): Promise<Span> {
  const scrape = await prometheus.scrapeInterval();
  const length = durationSeconds(last);
  const step = Math.max(scrape, Math.ceil(length / 200));
  const to = Math.floor(Date.now() / 1000);
  return { from: to - Math.floor(length / step) * step, to, step, scrape };
}
