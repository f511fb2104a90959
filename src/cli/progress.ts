import type { Progress } from '../ui/progress.js';

/** How progress is shown: rows on a terminal, plain lines without one or in CI, NDJSON with `--json`. All on stderr. */
export async function chooseProgress(json: boolean): Promise<Progress> {
  const write = (text: string): void => void process.stderr.write(text);
  if (json) return (await import('../ui/ndjson.js')).ndjson(write);
  if (!wantsRows()) return (await import('../ui/lines.js')).lines(write);
  return (await import('../ui/listr.js')).listr(process.stderr);
}

/** Columns below which rows can't be drawn; a terminal that doesn't know its size says 0. */
const narrowest = 40;

function wantsRows(): boolean {
  const set = (name: string): boolean => (process.env[name] ?? '') !== '';
  const wide = process.stderr.isTTY && process.stderr.columns >= narrowest;
  return wide && !set('CI') && !set('NO_COLOR') && process.env['TERM'] !== 'dumb';
}
