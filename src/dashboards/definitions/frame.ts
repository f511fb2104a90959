/* eslint-disable @typescript-eslint/no-deprecated -- classic JSON on purpose: Grafana 11 to 13 read it, v2 only 13 does */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { source } from './panels.js';

export const uids = {
  systemOverview: 'cloudops-system-overview',
  prometheusMonitoring: 'cloudops-prometheus-monitoring',
  fleet: 'cloudops-fleet',
} as const;

const titles: Readonly<Record<keyof typeof uids, string>> = {
  systemOverview: 'System Overview',
  prometheusMonitoring: 'Prometheus Monitoring',
  fleet: 'Fleet',
};

export interface Frame {
  readonly name: keyof typeof uids;
  readonly description: string;
  /** The metric whose labels fill the variables job and instance. */
  readonly labelsOf: string;
}

/** What all our dashboards share: variables, links to the others, refresh, time zone. */
export function framed(frame: Frame): dashboard.DashboardBuilder {
  const board = new dashboard.DashboardBuilder(titles[frame.name])
    .uid(uids[frame.name])
    .description(frame.description)
    .tags(['cloudops'])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(dataSource())
    .withVariable(label('job', 'Job', `label_values(${frame.labelsOf}, job)`))
    .withVariable(label('instance', 'Instance', `label_values(${frame.labelsOf}{job=~"$job"}, instance)`));
  const others = (Object.keys(uids) as (keyof typeof uids)[]).filter((name) => name !== frame.name);
  for (const name of others) board.link(linkTo(name));
  return board;
}

function linkTo(name: keyof typeof uids): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder(titles[name])
    .type(dashboard.DashboardLinkType.Link)
    .url(`/d/${uids[name]}`)
    .icon('dashboard')
    .tooltip(`Open ${titles[name]} for the same time`)
    .keepTime(true)
    .includeVars(false);
}

function dataSource(): dashboard.DatasourceVariableBuilder {
  return new dashboard.DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type('prometheus')
    .current({ selected: true, text: 'Prometheus', value: 'prometheus' });
}

function label(name: string, shown: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(shown)
    .datasource(source)
    .query({ query, refId: `${name}-values` })
    .definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** The dashboard as Grafana 11 to 13 read it, and nothing that one Grafana alone would know. */
export function asJson(builder: dashboard.DashboardBuilder): string {
  const {
    id: _id,
    version: _version,
    links,
    ...rest
  } = builder.build() as dashboard.Dashboard & Record<string, unknown>;
  const plain = (links ?? []).map(({ placement: _placement, ...link }) => link);
  return `${JSON.stringify({ ...rest, annotations: { list: [] }, links: plain, schemaVersion: 41 }, undefined, 2)}\n`;
}
