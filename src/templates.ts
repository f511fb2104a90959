import { readTemplate } from './read-template.js';

/** The text of a file under `templates/`, by its path there. Nothing else may read that folder. */
export function template(path: string): string {
  return readTemplate(path);
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
