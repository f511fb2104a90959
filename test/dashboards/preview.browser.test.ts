import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { shippedDashboards } from '../../src/dashboards/load.js';
import { collect } from '../../src/dashboards/preview/collect.js';
import { previewPage } from '../../src/dashboards/preview/page.js';
import { prometheusAt } from '../../src/dashboards/prometheus.js';
import { type FakePrometheus, startFakePrometheus } from '../support/fake-prometheus.js';
import { describeWith } from '../support/requires.js';

const program = process.env['CLOUDOPS_CHROMIUM'] ?? '/usr/bin/chromium';
/** Where pictures go that somebody wants to look at. */
const pictures = process.env['CLOUDOPS_SCREENSHOTS'];
const quiet =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const evil = {
  uid: 'evil',
  title: '</title><script>window.hacked = 1</script>',
  description: '<img src=x onerror="window.hacked = 2">',
  templating: {
    list: [
      {
        name: 'x',
        label: '<b onclick=alert(1)>',
        type: 'custom',
        current: { value: '"><script>window.hacked = 3</script>' },
      },
    ],
  },
  panels: [
    'timeseries',
    'stat',
    'gauge',
    'bargauge',
    'table',
    'heatmap',
    'state-timeline',
    'text',
    'piechart',
  ].map((type, index) => ({
    id: index,
    type,
    title: `<svg onload="window.hacked = 4"> ${type}`,
    description: '</p><script>window.hacked = 5</script>',
    gridPos: { x: (index % 2) * 12, y: index * 8, w: 12, h: 8 },
    options: { content: '<script>window.hacked = 6</script>' },
    fieldConfig: {
      defaults: {
        unit: '</script><script>window.hacked = 7</script>',
        color: { mode: 'thresholds' },
        thresholds: { steps: [{ value: null, color: 'red" onload="window.hacked = 8' }] },
      },
    },
    targets: [
      {
        refId: 'A',
        expr: 'evil',
        legendFormat: '{{bad}}</script><script>window.hacked = 9</script>',
        instant: type === 'table',
        format: type === 'table' ? 'table' : 'time_series',
      },
    ],
  })),
};

/** What the page shows; read by `look`, which runs in it. */
interface Seen {
  readonly wide: number;
  readonly panels: number;
  /** Titles of panels without data. */
  readonly nothing: readonly string[];
  /** Canvases with hardly a colour on them. */
  readonly blank: number;
  readonly narrow: number;
  readonly background: string;
}

const look = `(() => {
  const rows = [...document.querySelectorAll('.panel')];
  const colours = (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  };
  return {
    wide: document.documentElement.scrollWidth,
    panels: rows.length,
    nothing: rows.filter((row) => row.querySelector('.nothing')).map((row) => row.querySelector('h3').textContent),
    blank: [...document.querySelectorAll('canvas')].filter((canvas) => colours(canvas) < 10).length,
    narrow: rows.filter((row) => row.clientWidth < 150).length,
    background: getComputedStyle(document.body).backgroundColor,
  };
})()`;

describeWith('Chromium', existsSync(program))('the preview in a browser', () => {
  let browser: Browser;
  let prometheus: FakePrometheus;
  let folder: string;
  const files = new Map<string, string>();
  beforeAll(async () => {
    prometheus = await startFakePrometheus();
    prometheus.know = ((before) => (expr: string) =>
      expr === 'evil'
        ? {
            labels: [
              {
                bad: '<img src=x onerror="window.hacked = 10">',
                '<i>': '</td><script>window.hacked = 11</script>',
              },
            ],
            value: () => 42,
          }
        : before(expr))(prometheus.know);
    folder = await mkdtemp(join(tmpdir(), 'preview-'));
    const to = Math.floor(Date.now() / 1000);
    const options = {
      prometheus: prometheusAt(prometheus.address),
      span: { from: to - 3600, to, step: 30, scrape: 15 },
      given: new Map(),
    };
    const boards = {
      ...Object.fromEntries(shippedDashboards().map(({ uid, content }) => [uid, content])),
      evil,
    };
    for (const [name, content] of Object.entries(boards)) {
      const file = join(folder, `${name}.html`);
      await writeFile(file, previewPage([await collect(content, options)], 'Prometheus at <b>nowhere</b>'));
      files.set(name, pathToFileURL(file).href);
    }
    browser = await chromium.launch({ executablePath: program, args: quiet.split(' ') });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await prometheus.close();
    await rm(folder, { recursive: true });
  }, 30_000);

  interface Opened {
    readonly page: Page;
    readonly troubles: string[];
  }
  const open = async (name: string, width: number, colorScheme: 'light' | 'dark'): Promise<Opened> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    page.on('request', (request) => request.url().startsWith('file:') || troubles.push(request.url()));
    await page.goto(files.get(name) ?? '');
    await page.waitForSelector('html[data-drawn]');
    if (pictures !== undefined) {
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${width}.png`), fullPage: true });
    }
    return { page, troubles };
  };

  const cases = shippedDashboards().flatMap(({ uid }) =>
    (['light', 'dark'] as const).flatMap((theme) => [1600, 400].map((width) => [uid, theme, width] as const)),
  );

  it.each(cases)(
    'draws %s, %s, %d pixels wide',
    async (uid, theme, width) => {
      const { page, troubles } = await open(uid, width, theme);
      const seen = await page.evaluate<Seen>(look);
      const board = shippedDashboards().find((one) => one.uid === uid)!;
      const drawn = (board.content['panels'] as { type: string }[]).filter(({ type }) => type !== 'row');
      expect(seen).toMatchObject({ wide: width, panels: drawn.length, nothing: [], blank: 0, narrow: 0 });
      expect(seen.background).toBe(theme === 'dark' ? 'rgb(17, 19, 23)' : 'rgb(244, 245, 247)');
      expect(troubles).toEqual([]);
      await page.close();
    },
    30_000,
  );

  it('shows values under the pointer, and the other theme on a click', async () => {
    const { page } = await open('cloudops-system-overview', 1600, 'light');
    const legend = page.locator('.panel:has(h3:text-is("CPU usage")) .legend b').first();
    const before = await legend.textContent();
    await page.locator('.panel:has(h3:text-is("CPU usage")) .u-over').hover({ position: { x: 60, y: 40 } });
    expect(await legend.textContent()).not.toBe(before);
    await page.click('#theme');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    await page.close();
  }, 30_000);

  it.each([1600, 400])(
    'runs no script of a dashboard or a label, %d pixels wide',
    async (width) => {
      const { page, troubles } = await open('evil', width, 'light');
      await page.waitForTimeout(200);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.textContent('h1')).toBe(evil.title);
      expect(await page.textContent('.from')).toBe('Prometheus at <b>nowhere</b>');
      expect(await page.textContent('body')).toContain('<img src=x onerror="window.hacked = 10">');
      expect(troubles).toEqual([]);
      await page.close();
    },
    30_000,
  );
});
