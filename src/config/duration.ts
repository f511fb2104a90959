import * as z from 'zod';

/** A Prometheus duration with one unit. */
export const duration = z
  .string()
  .regex(/^[1-9][0-9]*(s|m|h|d|w|y)$/, 'use a Prometheus duration such as 15s, 5m or 200h');

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 } as const;

/** Seconds of a Prometheus duration with one unit, e.g. 90s or 200h. Throws on anything else. */
export function durationSeconds(duration: string): number {
  const match = /^(\d+)(s|m|h|d|w|y)$/.exec(duration);
  if (match === null) throw new Error(`not a duration: ${duration}`);
  return Number(match[1]) * unitSeconds[match[2] as keyof typeof unitSeconds];
}
