/* eslint-disable @typescript-eslint/no-deprecated -- classic JSON on purpose: Grafana 11 to 13 read it, v2 only 13 does */
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { application, panelScope, requestDuration, requestRate } from '../../monitoring/expressions.js';
import { history } from './panels.js';

/** Rate and duration of the application's requests, in all and by endpoint. */
export function applicationRow(board: DashboardBuilder): void {
  const endpoint = '{{host}} {{method}} {{endpoint}}';
  const p50 = 'Half of the requests are faster.';
  const p95 = 'Nineteen of twenty requests are faster. The alert fires above 1 s for 3 minutes.';
  board
    .withPanel(
      history({
        id: 201,
        title: 'Request rate',
        description:
          'Requests a second of each instance, all endpoints. The alert fires above 100 for 2 minutes.',
        unit: units.RequestsPerSecond,
        min: 0,
        levels: { red: 100 },
        width: 12,
        queries: [{ expr: requestRate(panelScope), legend: '{{host}}' }],
      }),
    )
    .withPanel(
      history({
        id: 202,
        title: 'Request rate by endpoint',
        description: 'Requests a second by method and endpoint.',
        unit: units.RequestsPerSecond,
        min: 0,
        stacked: true,
        width: 12,
        queries: [{ expr: application.requestsByEndpoint, legend: endpoint }],
      }),
    )
    .withPanel(
      history({
        id: 203,
        title: 'Request duration',
        description: `p50: ${p50} p95: ${p95}`,
        unit: units.Seconds,
        min: 0,
        levels: { red: 1 },
        width: 12,
        queries: [
          { expr: requestDuration(0.5, panelScope), legend: '{{host}} p50' },
          { expr: requestDuration(0.95, panelScope), legend: '{{host}} p95' },
        ],
      }),
    )
    .withPanel(
      history({
        id: 204,
        title: 'Request duration by endpoint',
        description: `p50 and p95 of each endpoint. ${p95}`,
        unit: units.Seconds,
        min: 0,
        width: 12,
        queries: [
          { expr: application.durationByEndpoint(0.5), legend: '{{host}} {{endpoint}} p50' },
          { expr: application.durationByEndpoint(0.95), legend: '{{host}} {{endpoint}} p95' },
        ],
      }),
    );
}
