import { isIP } from 'node:net';

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
