import type { Fields } from './json.js';
import { panelName } from './queries.js';

export type Severity = 'error' | 'warning';

/** One rule that a dashboard breaks; `where` names the panel or variable. */
export interface LintFinding {
  readonly rule: string;
  readonly where: string;
  readonly message: string;
  /** An error fails the check, a warning is only said. */
  readonly severity: Severity;
}

/** An error; `warning` for what may be right all the same. */
export function finding(
  rule: string,
  where: string,
  message: string,
  severity: Severity = 'error',
): LintFinding {
  return { rule, where, message, severity };
}

/** How findings name a panel. */
export function ofPanel(panel: Fields): string {
  return `panel '${panelName(panel)}'`;
}
