import * as z from 'zod';
import { duration } from './duration.js';

const percent = z.number().gt(0).lt(100);
const amount = z.number().gt(0);
const lasting = (fallback: string) =>
  duration.default(fallback).describe('how long it must last before the alert fires');
const window = duration
  .optional()
  .describe('what rates are taken over; default: 2m, or four scrapes when they are slower');

/** Limits, durations and windows of the alert rules: the section `alerts` of cloudops.yaml. */
export const alerts = z.strictObject({
  runbookBase: z
    .string()
    .regex(/^[^\s"'{}]*[^\s"'{}/]$/, "use a path or URL without a '/' at its end")
    .default('docs/runbooks')
    .describe('where the runbooks are kept: runbook_url is this, the name of the alert, and .md'),
  highCpuUsage: z
    .strictObject({ above: percent.default(90).describe('percent busy'), for: lasting('3m'), window })
    .prefault({}),
  highMemoryUsage: z
    .strictObject({ above: percent.default(95).describe('percent not available'), for: lasting('2m') })
    .prefault({}),
  highDiskUsage: z
    .strictObject({ above: percent.default(85).describe('percent of a file system'), for: lasting('5m') })
    .prefault({}),
  instanceDown: z.strictObject({ for: lasting('1m') }).prefault({}),
  flaskAppDown: z.strictObject({ for: lasting('1m') }).prefault({}),
  highRequestRate: z
    .strictObject({
      above: amount.default(100).describe('requests a second per instance'),
      for: lasting('2m'),
      window,
    })
    .prefault({}),
  highRequestDuration: z
    .strictObject({
      above: amount.default(1).describe('95th percentile in seconds'),
      for: lasting('3m').describe('longer than the window, so that one slow request is no alert'),
      window,
    })
    .prefault({}),
  diskWillFillIn24h: z
    .strictObject({
      above: percent.default(60).describe('percent of a file system below which growth is no alert'),
      for: lasting('1h'),
      window: duration.default('6h').describe('the past that growth is taken from'),
    })
    .prefault({}),
  meta: z
    .strictObject({
      for: lasting('5m').describe('how long metrics, discovery, reload or rules must fail before an alert'),
    })
    .prefault({}),
});
