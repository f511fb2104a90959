import type { UpResult } from '../operations/up.js';
import { duration } from './duration.js';
import { findingsText } from './findings-text.js';

/** What `up` came to: the checks, what was changed, and where to look. Pure. */
export function upText({ infra, monitoring, dashboards, verify, durationMs }: UpResult): string {
  const { create, update, replace } = infra.summary;
  const written = dashboards.dashboards.filter(
    ({ action }) => action === 'created' || action === 'updated',
  ).length;
  const resources = [
    `${create} created`,
    `${update} changed`,
    ...(replace > 0 ? [`${replace} replaced`] : []),
  ];
  const without = dashboards.skipped !== undefined;
  const refused = dashboards.dashboards.filter(({ action }) => action === 'refused');
  return [
    findingsText(verify.checks),
    '',
    `${infra.stack} in ${infra.region} after ${duration(durationMs)}: resources ${resources.join(', ')}; ` +
      `host steps ${monitoring.changed} changed; dashboards ${without ? 'skipped, no Grafana' : `${written} uploaded`}.`,
    ...refused.map(({ source, note = '' }) => `  refused: ${source}: ${note}`),
    ...addresses(infra.outputs, without),
  ].join('\n');
}

function addresses(outputs: UpResult['infra']['outputs'], withoutGrafana: boolean): string[] {
  if (outputs === null) return [];
  const { urls, monitoring, applications } = outputs;
  const rows: readonly [string, string | undefined][] = [
    ['Prometheus', urls.prometheus],
    ['Grafana', urls.grafana && withoutGrafana ? 'not installed' : urls.grafana],
    ...urls.application.map((url): [string, string] => ['Application', url]),
    ['Monitoring host', monitoring?.ssh],
    ...applications.map(({ ssh }): [string, string | undefined] => ['Application host', ssh]),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(17)} ${value}`]));
}
