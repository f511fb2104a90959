/** A word for `sh` that stands for exactly this text. The only place in the product that escapes. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new Error('a shell word cannot hold a NUL byte');
  return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('=') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Shell that takes away the directory in this variable when the script ends, also when its connection broke. */
export function removedAtEnd(variable: string): string {
  // A dash that a signal ends runs no EXIT trap.
  return `trap 'rm -rf "$${variable}"' EXIT; trap 'exit 143' TERM INT HUP PIPE`;
}

/** Several words, each quoted, with a space between. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}
