/** What an action answers: plain values; a list becomes a list element with one child an entry. */
export type Answer =
  string | number | boolean | Date | undefined | readonly Answer[] | { readonly [name: string]: Answer };

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** One element with its content; undefined gives nothing, entries of a list are called `item` or `member`. */
export function element(name: string, value: Answer, entry: 'item' | 'member'): string {
  if (value === undefined) return '';
  return `<${name}>${content(value, entry)}</${name}>`;
}

/** The elements of an object without an element around them. */
export function content(value: Answer, entry: 'item' | 'member'): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value))
    return (value as readonly Answer[]).map((one) => element(entry, one, entry)).join('');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, child]) => element(name, child, entry))
      .join('');
  return escape(String(value));
}

function escape(raw: string): string {
  // Characters that XML 1.0 can't hold (user data or console text may) would break the whole answer.
  const clean = raw.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
  return clean.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char).replaceAll('\r', '&#13;');
}
