import { isIP } from 'node:net';
import { duration } from '../config/duration.js';
import { CloudopsError, exitCodes } from '../errors.js';

/** The operator gives an address first, or files only; an address and a file can't be mistaken for each other. */
export function hostAndFiles(words: readonly string[]): {
  readonly monitoring?: string;
  readonly files: readonly string[];
} {
  const [first, ...rest] = words;
  if (first === undefined || !isHost(first)) return { files: words };
  return { monitoring: first, files: rest };
}

function isHost(word: string): boolean {
  return (
    isIP(word) !== 0 ||
    word === 'localhost' ||
    (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(word) && !word.endsWith('.json'))
  );
}

/** A checked Prometheus duration; throws PREVIEW_TIME (exit 2). */
export function lastTime(word: string): string {
  if (duration.safeParse(word).success) return word;
  throw usage('PREVIEW_TIME', `'--last ${word}' is no time.`, 'Give one such as 30m, 6h or 2d.');
}

/** `NAME=VALUE` words; a name given twice has both values. Throws PREVIEW_VARIABLE (exit 2). */
export function variableValues(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (const word of words) {
    const cut = word.indexOf('=');
    if (cut < 1)
      throw usage('PREVIEW_VARIABLE', `'--var ${word}' is not NAME=VALUE.`, 'Give a name and a value.');
    const name = word.slice(0, cut);
    values.set(name, [...(values.get(name) ?? []), word.slice(cut + 1)]);
  }
  return values;
}

function usage(code: string, what: string, fix: string): CloudopsError {
  return new CloudopsError({ code, what, fix: [fix], exit: exitCodes.usage });
}
