import { ApiError } from './api-error.js';
import type { Fields, Value } from './form.js';

/** Text of a parameter; undefined when it isn't there, or empty, which AWS takes as the same. */
export function text(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Text of a parameter that must be there. */
export function need(fields: Fields, name: string): string {
  const value = text(fields, name);
  if (value === undefined || value === '')
    throw new ApiError('MissingParameter', `The request must contain the parameter ${name}`);
  return value;
}

/** A boolean parameter; undefined when it isn't there. */
export function flag(fields: Fields, name: string): boolean | undefined {
  const value = text(fields, name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new ApiError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid.`);
}

/** A whole number; undefined when it isn't there. */
export function integer(fields: Fields, name: string): number | undefined {
  const value = text(fields, name);
  if (value === undefined || value === '') return undefined;
  if (/^-?\d+$/.test(value)) return Number(value);
  throw new ApiError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid.`);
}

/** Named fields under a parameter; undefined when it isn't there. */
export function struct(fields: Fields, name: string): Fields | undefined {
  const value = fields[name];
  return isFields(value) ? value : undefined;
}

/** A list of structures; empty when the parameter isn't there. */
export function structs(fields: Fields, name: string): readonly Fields[] {
  return listOf(fields[name]).filter(isFields);
}

/** A list of texts; empty when the parameter isn't there. */
export function texts(fields: Fields, name: string): readonly string[] {
  return listOf(fields[name]).filter((value): value is string => typeof value === 'string');
}

/** `X.Value`, as EC2's Modify calls give an attribute. */
export function attributeFlag(fields: Fields, name: string): boolean | undefined {
  const nested = struct(fields, name);
  return nested === undefined ? flag(fields, name) : flag(nested, 'Value');
}

/** `X.Value` or plain `X` as text. */
export function attributeText(fields: Fields, name: string): string | undefined {
  const nested = struct(fields, name);
  return nested === undefined ? text(fields, name) : text(nested, 'Value');
}

function isFields(value: Value | undefined): value is Fields {
  return typeof value === 'object' && !Array.isArray(value);
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}
