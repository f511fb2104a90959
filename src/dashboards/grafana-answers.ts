import { fields, list, type Fields } from './json.js';
import type { DataSource, SourceAnswer } from './grafana.js';

/** Throws on what isn't JSON; an empty body is an empty object. */
export function parse(body: string): unknown {
  return body === '' ? {} : JSON.parse(body);
}

/** An empty object for what isn't JSON. */
export function tryParse(body: string): unknown {
  try {
    return parse(body);
  } catch {
    return {};
  }
}

/** A data source as the API tells of it. */
export function dataSourceOf(found: Fields): DataSource {
  const { uid, name, type, isDefault } = found;
  return { uid: text(uid), name: text(name), type: text(type), isDefault: isDefault === true };
}

/** A frame is a series, or all of them in a table; without rows it is nothing. */
export function answerOf(result: Fields): SourceAnswer {
  const error = text(result['error']);
  if (error !== '') return { series: 0, error };
  const filled = list(result['frames']).filter((frame) => {
    const { values } = fields(frame['data']);
    return Array.isArray(values) && values.some((column) => Array.isArray(column) && column.length > 0);
  });
  return { series: filled.length };
}

/** A bare list up to Grafana 11.2, an object with a continue token since. */
export function versions(value: unknown): Fields[] {
  return Array.isArray(value) ? list(value) : list(fields(value)['versions']);
}

/** Texts and numbers as text; empty for anything else. */
export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
