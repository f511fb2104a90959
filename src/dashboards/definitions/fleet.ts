/* eslint-disable @typescript-eslint/no-deprecated -- classic JSON on purpose: Grafana 11 to 13 read it, v2 only 13 does */
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { fleet } from '../../monitoring/expressions.js';
import { spread, table } from './fleet-panels.js';
import { framed, uids } from './frame.js';
import { history, stat } from './panels.js';

const rows = (expr: string): { expr: string; legend: string } => ({ expr, legend: '' });
const percent = { unit: units.Percent, min: 0, max: 100 } as const;
const memoryAndDisk = { yellow: 80, red: 95 } as const;

/** One question: which of many machines needs a look? */
export function fleetOverview(): DashboardBuilder {
  const board = framed({
    name: 'fleet',
    description: 'Which of many machines needs a look? One row for each host, and how the fleet is spread.',
    labelsOf: 'node_uname_info',
  });
  totals(board.withRow(new RowBuilder('Now').id(100)));
  hosts(board.withRow(new RowBuilder('Hosts').id(200)));
  overTime(board.withRow(new RowBuilder('Over time').id(300)));
  return board;
}

function totals(board: DashboardBuilder): void {
  const total = (id: number, title: string, description: string, expr: string, bad: boolean): void => {
    board.withPanel(
      stat({
        id,
        title,
        description,
        unit: units.Short,
        decimals: 0,
        ...(bad ? { levels: { red: 1 } } : {}),
        width: 6,
        height: 4,
        queries: [{ expr, legend: title }],
      }),
    );
  };
  total(101, 'Hosts up', 'Machines whose last scrape worked.', fleet.hostsUp, false);
  total(102, 'Hosts down', 'Machines whose last scrape failed.', fleet.hostsDown, true);
  total(103, 'CPU above 90%', 'Machines that are busier than the alert allows.', fleet.hotCpu, true);
  total(
    104,
    'Disk above 85%',
    'Machines with a file system fuller than the alert allows.',
    fleet.fullDisk,
    true,
  );
}

function hosts(board: DashboardBuilder): void {
  const variables = 'var-job=${__data.fields["Job"]}&var-instance=${__data.fields["Instance"]}';
  board.withPanel(
    table({
      id: 201,
      title: 'Hosts',
      description:
        'One row for each machine; disk is its fullest file system. A click on a host opens its System Overview.',
      width: 24,
      labels: { host: 'Host', instance: 'Instance', job: 'Job' },
      link: {
        title: 'System Overview of this host',
        url: `/d/${uids.systemOverview}?${variables}&\${datasource:queryparam}&\${__url_time_range}`,
      },
      columns: [
        {
          name: 'State',
          query: rows(fleet.up),
          unit: units.Short,
          words: [
            { value: 0, text: 'down', color: 'red' },
            { value: 1, text: 'up', color: 'green' },
          ],
        },
        {
          name: 'CPU',
          query: rows(fleet.cpu),
          unit: units.Percent,
          decimals: 1,
          levels: { yellow: 70, red: 90 },
          bar: [0, 100],
        },
        {
          name: 'Memory',
          query: rows(fleet.memory),
          unit: units.Percent,
          decimals: 1,
          levels: memoryAndDisk,
          bar: [0, 100],
        },
        {
          name: 'Disk',
          query: rows(fleet.disk),
          unit: units.Percent,
          decimals: 1,
          levels: memoryAndDisk,
          bar: [0, 100],
        },
        {
          name: 'Load per core',
          query: rows(fleet.loadPerCore),
          unit: units.Short,
          decimals: 2,
          levels: { yellow: 1, red: 2 },
        },
        { name: 'Uptime', query: rows(fleet.uptime), unit: units.Seconds, decimals: 1 },
      ],
    }),
  );
}

function overTime(board: DashboardBuilder): void {
  const spreads = [
    [301, 'CPU', 'busy to that share', fleet.cpu],
    [302, 'Memory', 'with that share of memory in use', fleet.memory],
    [303, 'Disk', 'whose fullest file system is used to that share', fleet.disk],
  ] as const;
  for (const [id, title, what, expr] of spreads) {
    board.withPanel(
      spread({
        id,
        title: `${title} across the fleet`,
        description: `How many machines are ${what}: the darker, the more.`,
        ...percent,
        width: 8,
        queries: [{ expr, legend: '{{host}}' }],
      }),
    );
  }
  board.withPanel(
    history({
      id: 304,
      title: 'Busiest hosts',
      description: 'CPU of the ten busiest machines at each moment.',
      ...percent,
      levels: { yellow: 70, red: 90 },
      width: 24,
      queries: [{ expr: fleet.busiest, legend: '{{host}}' }],
    }),
  );
}
