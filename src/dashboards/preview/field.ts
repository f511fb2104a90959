import { type Fields, fields, list, number, text } from '../json.js';
import { formatted } from './units.js';

/** How a panel, or one column of it, shows its values. */
export interface Field {
  readonly unit: string;
  readonly decimals: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** In order of value, the first from minus infinity. */
  readonly thresholds: readonly { readonly value: number; readonly color: string }[];
  /** The colour comes from the thresholds. */
  readonly byThreshold: boolean;
  readonly mappings: ReadonlyMap<string, { readonly text: string; readonly color: string | undefined }>;
  /** Other settings, by id, e.g. `custom.width`. */
  readonly more: Fields;
}

/** The settings of a panel, with the overrides that name `column`. */
export function fieldOf(panel: Fields, column?: string): Field {
  const config = fields(panel['fieldConfig']);
  const defaults = fields(config['defaults']);
  const more: Record<string, unknown> = {};
  for (const { matcher, properties } of list(config['overrides'])) {
    if (!matches(fields(matcher), column)) continue;
    for (const { id, value } of list(properties)) more[text(id)] = value;
  }
  const of = (name: string): unknown => more[name] ?? defaults[name];
  return {
    unit: text(of('unit')),
    decimals: number(of('decimals')),
    min: number(of('min')),
    max: number(of('max')),
    thresholds: steps(fields(of('thresholds'))),
    byThreshold: text(fields(of('color'))['mode'] ?? 'thresholds') === 'thresholds',
    mappings: mappingsOf(list(of('mappings'))),
    more: { ...fields(defaults['custom']), ...more },
  };
}

function matches(matcher: Fields, column: string | undefined): boolean {
  if (column === undefined) return false;
  const { id, options } = matcher;
  if (id === 'byName') return options === column;
  if (id !== 'byRegexp') return false;
  try {
    return new RegExp(text(options).replace(/^\/(.*)\/\w*$/, '$1')).test(column);
  } catch {
    return false;
  }
}

function steps({ steps: given }: Fields): Field['thresholds'] {
  return list(given).map(({ value, color }) => ({
    value: number(value) ?? -Infinity,
    color: text(color) || 'text',
  }));
}

function mappingsOf(given: readonly Fields[]): Field['mappings'] {
  const all = given
    .filter(({ type }) => type === 'value')
    .flatMap(({ options }) => Object.entries(fields(options)));
  return new Map(
    all.map(([value, result]) => {
      const { text: shown, color } = fields(result);
      return [value, { text: text(shown) || value, color: text(color) || undefined }];
    }),
  );
}

/** A value in the words or unit of its field. */
export function shown(field: Field, value: number): string {
  return field.mappings.get(String(value))?.text ?? formatted(value, field.unit, field.decimals);
}

/** The colour of a value by mapping or threshold; undefined where the field has no thresholds to speak of. */
export function colorOf(field: Field, value: number): string | undefined {
  const mappedColor = field.mappings.get(String(value))?.color;
  if (mappedColor !== undefined) return mappedColor;
  if (!field.byThreshold || Number.isNaN(value)) return undefined;
  return [...field.thresholds].reverse().find((step) => value >= step.value)?.color;
}
