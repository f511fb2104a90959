/* eslint-disable @typescript-eslint/no-deprecated -- classic JSON on purpose: Grafana 11 to 13 read it, v2 only 13 does */
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { cpuBusy, diskUsed, memoryUsed, panelScope, system } from '../../monitoring/expressions.js';
import { framed } from './frame.js';
import { gauge, history, stat } from './panels.js';

const percent = { unit: units.Percent, min: 0, max: 100, decimals: 1 } as const;
const cpu = { ...percent, levels: { yellow: 70, red: 90 } } as const;
const memoryAndDisk = { ...percent, levels: { yellow: 80, red: 95 } } as const;
const full = '{{host}} {{mountpoint}}';

/** One question: are the machines well? CPU, memory, disk, network, load; now above, history below. */
export function systemOverview(): DashboardBuilder {
  const board = framed({
    name: 'systemOverview',
    description:
      'Are the machines well? CPU, memory, disk, network and load of every host with a Node Exporter.',
    labelsOf: 'node_uname_info',
  });
  now(board.withRow(new RowBuilder('Now').id(100)));
  processor(board.withRow(new RowBuilder('CPU and memory').id(200)));
  memoryAndLoad(board);
  disks(board.withRow(new RowBuilder('Disks').id(300)));
  network(board.withRow(new RowBuilder('Network').id(400)));
  return board;
}

function now(board: DashboardBuilder): void {
  const busy =
    'Share of all cores that is busy; waiting for I/O counts as idle. The alert fires above 90% for 3 minutes.';
  const used =
    'Share of memory that a new process could not have; page cache is free. The alert fires above 95% for 2 minutes.';
  const disk = 'Share used of each file system that can be written. The alert fires above 85% for 5 minutes.';
  board
    .withPanel(
      gauge({
        id: 101,
        title: 'CPU',
        description: busy,
        ...cpu,
        width: 6,
        queries: [{ expr: cpuBusy(panelScope), legend: '{{host}}' }],
      }),
    )
    .withPanel(
      gauge({
        id: 102,
        title: 'Memory',
        description: used,
        ...memoryAndDisk,
        width: 6,
        queries: [{ expr: memoryUsed(panelScope), legend: '{{host}}' }],
      }),
    )
    .withPanel(
      gauge({
        id: 103,
        title: 'Disk',
        description: disk,
        ...memoryAndDisk,
        width: 6,
        queries: [{ expr: diskUsed(panelScope), legend: full }],
      }),
    )
    .withPanel(
      stat({
        id: 104,
        title: 'Uptime',
        description: 'Time since the machine started; a small value after a quiet day is a reboot.',
        unit: units.Seconds,
        decimals: 1,
        width: 6,
        queries: [{ expr: system.uptime, legend: '{{host}}' }],
      }),
    );
}

function processor(board: DashboardBuilder): void {
  board
    .withPanel(
      history({
        id: 201,
        title: 'CPU usage',
        description: 'Busy share of all cores of a host together.',
        ...cpu,
        width: 12,
        queries: [{ expr: cpuBusy(panelScope), legend: '{{host}}' }],
      }),
    )
    .withPanel(
      history({
        id: 202,
        title: 'Memory usage',
        description: 'Memory that is not available, as a share of all.',
        ...memoryAndDisk,
        width: 12,
        queries: [{ expr: memoryUsed(panelScope), legend: '{{host}}' }],
      }),
    )
    .withPanel(
      history({
        id: 203,
        title: 'CPU by mode',
        description:
          'What the cores do, the mean of the chosen hosts. Much steal on a burstable instance means that its CPU credits are spent; iowait, that it waits for disks.',
        unit: units.Percent,
        min: 0,
        max: 100,
        stacked: true,
        width: 12,
        queries: [{ expr: system.cpuByMode, legend: '{{mode}}' }],
      }),
    );
}

function memoryAndLoad(board: DashboardBuilder): void {
  const { Short, BytesIEC } = units;
  board
    .withPanel(
      history({
        id: 204,
        title: 'Memory',
        description: 'Bytes in use, in the page cache, and in total.',
        unit: BytesIEC,
        min: 0,
        width: 12,
        queries: [
          { expr: system.memoryUnavailable, legend: '{{host}} used' },
          { expr: system.memoryCache, legend: '{{host}} cache and buffers' },
          { expr: system.memoryTotal, legend: '{{host}} total' },
        ],
      }),
    )
    .withPanel(
      history({
        id: 205,
        title: 'Load',
        description: 'Processes that run or wait, averaged over 1, 5 and 15 minutes.',
        unit: Short,
        min: 0,
        width: 12,
        queries: ([1, 5, 15] as const).map((minutes) => ({
          expr: system.load(minutes),
          legend: `{{host}} ${minutes} min`,
        })),
      }),
    )
    .withPanel(
      history({
        id: 206,
        title: 'Load per core',
        description: 'One-minute load for each core: above 1, processes wait for the CPU or for disks.',
        unit: Short,
        min: 0,
        levels: { yellow: 1, red: 2 },
        width: 12,
        queries: [{ expr: system.loadPerCore, legend: '{{host}}' }],
      }),
    );
}

function disks(board: DashboardBuilder): void {
  const device = '{{host}} {{device}}';
  board
    .withPanel(
      history({
        id: 301,
        title: 'Disk usage by mount',
        description: 'Used share of each file system.',
        ...memoryAndDisk,
        width: 12,
        queries: [{ expr: diskUsed(panelScope), legend: full }],
      }),
    )
    .withPanel(
      history({
        id: 302,
        title: 'Disk space left',
        description: 'Bytes that a process other than root can still write.',
        unit: units.BytesIEC,
        min: 0,
        width: 12,
        queries: [{ expr: system.diskAvailable, legend: full }],
      }),
    )
    .withPanel(
      history({
        id: 303,
        title: 'Disk busy',
        description:
          'Share of time in which the device had work; a device with many queues can take more at 100%.',
        ...percent,
        width: 12,
        queries: [{ expr: system.diskBusy, legend: device }],
      }),
    )
    .withPanel(
      history({
        id: 304,
        title: 'Disk throughput',
        description: 'Bytes read and written a second.',
        unit: units.BytesPerSecondIEC,
        min: 0,
        width: 12,
        queries: [
          { expr: system.diskRead, legend: `${device} read` },
          { expr: system.diskWritten, legend: `${device} written` },
        ],
      }),
    );
}

function network(board: DashboardBuilder): void {
  const unit = units.BitsPerSecondSI;
  const device = '{{host}} {{device}}';
  board
    .withPanel(
      history({
        id: 401,
        title: 'Network received',
        description: 'Bits a second that came in, by interface; those of containers are left out.',
        unit,
        min: 0,
        width: 12,
        queries: [{ expr: system.networkReceived, legend: device }],
      }),
    )
    .withPanel(
      history({
        id: 402,
        title: 'Network sent',
        description: 'Bits a second that went out, by interface; those of containers are left out.',
        unit,
        min: 0,
        width: 12,
        queries: [{ expr: system.networkSent, legend: device }],
      }),
    );
}
