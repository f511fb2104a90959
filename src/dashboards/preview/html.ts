/** Markup that is safe to put into a page. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = Html | string | number | undefined | readonly Html[];

/** Text in markup: whatever is put in and isn't `Html` itself is escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    strings.reduce(
      (all, string, index) => `${all}${string}${index < parts.length ? markup(parts[index]) : ''}`,
      '',
    ),
  );
}

function markup(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map((one) => one.markup).join('');
}

/** Text with the five characters replaced that mean something in markup. */
export function escaped(content: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return content.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Data for a script of the page; can't end the element it stands in. */
export function data(value: unknown): Html {
  return new Html(
    JSON.stringify(value)
      .replaceAll('<', '\\u003c')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029'),
  );
}

const palette = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'c10'];

/** A CSS colour of the page for a colour of Grafana: one of its names, or a hexadecimal one. */
export function cssColor(name: string): string {
  if (/^#[0-9a-f]{3,8}$/i.test(name)) return name;
  const plain = /^(?:(?:super-light|light|semi-dark|dark)-)?(green|yellow|orange|red|blue|purple)$/.exec(
    name,
  )?.[1];
  return `var(--${plain ?? 'text'})`;
}

/** The colour of the nth series. */
export function seriesColor(index: number): string {
  return `var(--${palette[index % palette.length] ?? 'c1'})`;
}
