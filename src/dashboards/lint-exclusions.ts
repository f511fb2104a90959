import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { CloudopsError } from '../errors.js';
import { fields, list, text } from './json.js';
import type { LintFinding } from './lint-finding.js';

/** A rule that is not to be held, and why. */
export interface Exclusion {
  readonly rule: string;
  readonly reason: string;
  /** Titles; undefined: every one. */
  readonly dashboard: string | undefined;
  readonly panel: string | undefined;
}

/** The exclusions in the file `.lint` beside a dashboard; none where there is no such file. Throws LINT_EXCLUSIONS. */
export async function exclusionsBeside(dashboardFile: string): Promise<readonly Exclusion[]> {
  const file = join(dirname(dashboardFile), '.lint');
  // The shipped ones have names, not paths; what lies in the working directory isn't about them.
  if (!existsSync(dashboardFile)) return [];
  const content = await readFile(file, 'utf8').catch(() => undefined);
  return content === undefined ? [] : readExclusions(file, content);
}

/** Of the field's format: `exclusions: {RULE: {reason, entries: [{dashboard, panel}]}}`. */
export function readExclusions(file: string, content: string): Exclusion[] {
  let data: unknown;
  try {
    data = parse(content);
  } catch (error) {
    throw wrong(file, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  return Object.entries(fields(fields(data)['exclusions'])).flatMap(([rule, given]) => {
    const reason = text(fields(given)['reason']);
    if (reason === '') throw wrong(file, `the exclusion of '${rule}' gives no reason`);
    const entries = list(fields(given)['entries']);
    const or = (value: unknown): string | undefined => text(value) || undefined;
    if (entries.length === 0) return [{ rule, reason, dashboard: undefined, panel: undefined }];
    return entries.map(({ dashboard, panel }) => ({
      rule,
      reason,
      dashboard: or(dashboard),
      panel: or(panel),
    }));
  });
}

/** Why a finding is let pass, or undefined. */
export function excludedBecause(
  found: LintFinding,
  title: string,
  exclusions: readonly Exclusion[],
): string | undefined {
  return exclusions.find(
    ({ rule, dashboard, panel }) =>
      rule === found.rule &&
      (dashboard === undefined || dashboard === title) &&
      (panel === undefined || found.where === `panel '${panel}'`),
  )?.reason;
}

function wrong(file: string, why: string): CloudopsError {
  return new CloudopsError({
    code: 'LINT_EXCLUSIONS',
    what: `${file} can't be used.`,
    why,
    fix: [
      "Write 'exclusions:', under it each rule with its 'reason' and, if you like, 'entries' of 'dashboard' and 'panel'.",
    ],
  });
}
