/* eslint-disable @typescript-eslint/no-deprecated -- classic JSON on purpose: Grafana 11 to 13 read it, v2 only 13 does */
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { prometheus } from '../../monitoring/expressions.js';
import { history } from './panels.js';

/** Prometheus' database: series, samples, blocks, write-ahead log, compactions. */
export function storageRow(board: DashboardBuilder): void {
  const host = '{{host}}';
  board
    .withPanel(
      history({
        id: 301,
        title: 'Series in memory',
        description: 'Series that received samples lately; memory grows with them.',
        unit: units.Short,
        min: 0,
        width: 8,
        queries: [{ expr: prometheus.headSeries, legend: host }],
      }),
    )
    .withPanel(
      history({
        id: 302,
        title: 'Samples stored',
        description: 'Samples appended a second.',
        unit: units.Short,
        min: 0,
        width: 8,
        queries: [{ expr: prometheus.samplesAppended, legend: host }],
      }),
    )
    .withPanel(
      history({
        id: 303,
        title: 'Chunks in memory',
        description: 'Chunks of the last two to three hours, not yet in a block.',
        unit: units.Short,
        min: 0,
        width: 8,
        queries: [{ expr: prometheus.headChunks, legend: host }],
      }),
    );
  onDisk(board);
}

function onDisk(board: DashboardBuilder): void {
  const host = '{{host}}';
  board
    .withPanel(
      history({
        id: 304,
        title: 'Blocks',
        description:
          'Blocks on disk that are loaded, each of two hours or more. None in the first two hours.',
        unit: units.Short,
        min: 0,
        decimals: 0,
        width: 8,
        queries: [{ expr: prometheus.blocks, legend: host }],
      }),
    )
    .withPanel(
      history({
        id: 305,
        title: 'Size of blocks',
        description: 'Bytes that all blocks take on disk; the write-ahead log comes on top.',
        unit: units.BytesIEC,
        min: 0,
        width: 8,
        queries: [{ expr: prometheus.blockBytes, legend: host }],
      }),
    )
    .withPanel(
      history({
        id: 306,
        title: 'Write-ahead log',
        description: 'Pages a second written to the log that survives a crash; follows the samples stored.',
        unit: units.Short,
        min: 0,
        width: 8,
        queries: [{ expr: prometheus.walFlushes, legend: host }],
      }),
    )
    .withPanel(
      history({
        id: 307,
        title: 'Compactions and damage',
        description:
          'Compactions of the last hour, those that failed, and damaged places found in the write-ahead log. Anything but compactions should be 0.',
        unit: units.Short,
        min: 0,
        width: 24,
        queries: [
          { expr: prometheus.compactions, legend: '{{host}} compactions' },
          { expr: prometheus.compactionsFailed, legend: '{{host}} failed' },
          { expr: prometheus.walCorruptions, legend: '{{host}} damaged' },
        ],
      }),
    );
}
