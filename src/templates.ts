import { readFileSync } from 'node:fs';

/** All texts by path, put there by scripts/build.mjs; not defined when the sources run as they are. */
declare const bundledTemplates: Readonly<Record<string, string>>;

/** The text of a file under `templates/`, by its path there. Nothing else may read that folder. */
export function template(path: string): string {
  if (typeof bundledTemplates === 'undefined') {
    return readFileSync(new URL(`../templates/${path}`, import.meta.url), 'utf8');
  }
  const text = bundledTemplates[path];
  if (text === undefined) throw new Error(`no template is called ${path}`);
  return text;
}

/** A template with each `{{name}}` replaced. Throws on a name without a value and on a value that nothing uses. */
export function fill(path: string, values: Readonly<Record<string, string | number>>): string {
  const unused = new Set(Object.keys(values));
  const text = template(path).replaceAll(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`template ${path} wants a value for '${key}'`);
    unused.delete(key);
    return String(value);
  });
  if (unused.size > 0) throw new Error(`template ${path} doesn't use ${[...unused].join(', ')}`);
  return text;
}
