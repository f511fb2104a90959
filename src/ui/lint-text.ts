import type { LintResult } from '../operations/lint-dashboards.js';

/** What lint found, a line for each finding. Pure. */
export function lintText({ dashboards, asked, notAsked }: LintResult): string {
  const lines = dashboards.flatMap(({ source, findings, excluded }) => [
    `${source}: ${summary(findings, excluded.length)}`,
    ...findings.map(({ severity, rule, where, message }) => `  ${severity}  ${rule}  ${where}: ${message}`),
  ]);
  if (asked !== undefined) lines.push(`Metrics looked up in ${asked}.`);
  if (notAsked !== undefined) lines.push(`Metrics not looked up: ${notAsked}`);
  return lines.join('\n');
}

function summary(findings: LintResult['dashboards'][number]['findings'], excluded: number): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const parts = [counted(errors, 'error'), counted(findings.length - errors, 'warning')].filter(
    (part) => part !== '',
  );
  const passed = excluded > 0 ? `, ${excluded} let pass by .lint` : '';
  return `${parts.length === 0 ? 'ok' : parts.join(', ')}${passed}`;
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}
