import { readFileSync } from 'node:fs';

/**
 * The text of a file under `templates/`, by its path there. The bundler replaces this module by one that carries the
 * texts, so nothing else may read that folder.
 */
export function template(path: string): string {
  return readFileSync(new URL(`../templates/${path}`, import.meta.url), 'utf8');
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
