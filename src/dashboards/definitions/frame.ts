/* eslint-disable @typescript-eslint/no-deprecated -- classic JSON on purpose: Grafana 11 to 13 read it, v2 only 13 does */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { source } from './panels.js';

export const uids = {
  systemOverview: 'cloudops-system-overview',
  prometheusMonitoring: 'cloudops-prometheus-monitoring',
} as const;

export interface Frame {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** The metric whose labels fill the variables job and instance. */
  readonly labelsOf: string;
  /** The dashboard to link to. */
  readonly other: { readonly uid: string; readonly title: string };
}

/** What all our dashboards share: variables, link, refresh, time zone, the alert annotations. */
export function framed(frame: Frame): dashboard.DashboardBuilder {
  return new dashboard.DashboardBuilder(frame.title)
    .uid(frame.uid)
    .description(frame.description)
    .tags(['cloudops'])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(dataSource())
    .withVariable(label('job', 'Job', `label_values(${frame.labelsOf}, job)`))
    .withVariable(label('instance', 'Instance', `label_values(${frame.labelsOf}{job=~"$job"}, instance)`))
    .link(
      new dashboard.DashboardLinkBuilder(frame.other.title)
        .type(dashboard.DashboardLinkType.Link)
        .url(`/d/${frame.other.uid}`)
        .icon('dashboard')
        .tooltip(`Open ${frame.other.title} for the same time`)
        .keepTime(true)
        .includeVars(false),
    );
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
