/** A word for `sh` that stands for exactly this text. The only place in the product that escapes. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new Error('a shell word cannot hold a NUL byte');
  return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('=') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Several words, each quoted, with a space between. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}
