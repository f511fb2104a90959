import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** uPlot's script and styles, to be put into a page. The only place that knows the chart library. */
export function chartLibrary(): { readonly script: string; readonly styles: string } {
  const read = (name: string): string => readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8');
  return { script: read('uPlot.iife.min.js'), styles: read('uPlot.min.css') };
}
