/* eslint-disable @typescript-eslint/no-deprecated -- classic JSON on purpose: Grafana 11 to 13 read it, v2 only 13 does */
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { prometheus } from '../../monitoring/expressions.js';
import { applicationRow } from './application-row.js';
import { framed } from './frame.js';
import { history, stat, states } from './panels.js';
import { storageRow } from './storage-row.js';

const target = '{{job}} {{host}}';

/** One question: does the monitoring itself work, and what does it say of the application? */
export function prometheusMonitoring(): DashboardBuilder {
  const board = framed({
    name: 'prometheusMonitoring',
    description:
      'Does the monitoring work? Targets, scrapes, storage and rules of Prometheus; and the application.',
    labelsOf: 'up',
  });
  targets(board.withRow(new RowBuilder('Targets').id(100)));
  applicationRow(board.withRow(new RowBuilder('Application').id(200)));
  storageRow(board.withRow(new RowBuilder('Storage').id(300)));
  rules(board.withRow(new RowBuilder('Configuration and rules').id(400)));
  return board;
}

function targets(board: DashboardBuilder): void {
  board
    .withPanel(
      stat({
        id: 101,
        title: 'Targets up',
        description: 'Targets whose last scrape worked.',
        unit: units.Short,
        decimals: 0,
        width: 6,
        queries: [{ expr: prometheus.targetsUp, legend: 'up' }],
      }),
    )
    .withPanel(
      stat({
        id: 102,
        title: 'Targets down',
        description: 'Targets whose last scrape failed; the alert fires after a minute.',
        unit: units.Short,
        decimals: 0,
        levels: { red: 1 },
        width: 6,
        queries: [{ expr: prometheus.targetsDown, legend: 'down' }],
      }),
    )
    .withPanel(
      stat({
        id: 103,
        title: 'Configuration',
        description: 'Whether the last reload of prometheus.yml and its rules was accepted.',
        unit: units.Short,
        levels: { red: 2 },
        words: [
          { value: 0, text: 'refused', color: 'red' },
          { value: 1, text: 'accepted', color: 'green' },
        ],
        width: 6,
        queries: [{ expr: prometheus.reloadOk, legend: '{{host}}' }],
      }),
    )
    .withPanel(
      stat({
        id: 104,
        title: 'Memory of Prometheus',
        description: 'Resident memory of the process.',
        unit: units.BytesIEC,
        width: 6,
        queries: [
          {
            expr: prometheus.memory,
            legend: '{{host}}',
          },
        ],
      }),
    );
  scrapes(board);
}

function scrapes(board: DashboardBuilder): void {
  board
    .withPanel(
      states({
        id: 105,
        title: 'Target state',
        description: 'Every target over time: up, or down from the first failed scrape on.',
        unit: units.Short,
        levels: { red: 2 },
        words: [
          { value: 0, text: 'down', color: 'red' },
          { value: 1, text: 'up', color: 'green' },
        ],
        width: 24,
        queries: [{ expr: prometheus.up, legend: target }],
      }),
    )
    .withPanel(
      history({
        id: 106,
        title: 'Scrape duration',
        description: 'Seconds that a scrape of the target took; scrapes are given up after 10 s.',
        unit: units.Seconds,
        min: 0,
        width: 12,
        queries: [{ expr: prometheus.scrapeDuration, legend: target }],
      }),
    )
    .withPanel(
      history({
        id: 107,
        title: 'Samples per scrape',
        description: 'Samples that a scrape brought. A step up is a new set of labels, which costs memory.',
        unit: units.Short,
        min: 0,
        width: 12,
        queries: [{ expr: prometheus.scrapeSamples, legend: target }],
      }),
    );
}

function rules(board: DashboardBuilder): void {
  board
    .withPanel(
      history({
        id: 401,
        title: 'Rule evaluation',
        description:
          'Seconds that the last evaluation of a rule group took; it has to stay below the interval.',
        unit: units.Seconds,
        min: 0,
        width: 12,
        queries: [{ expr: prometheus.ruleDuration, legend: '{{host}} {{rule_group}}' }],
      }),
    )
    .withPanel(
      history({
        id: 402,
        title: 'Rule failures',
        description: 'Evaluations a second that failed; should be 0.',
        unit: units.Short,
        min: 0,
        width: 12,
        queries: [{ expr: prometheus.ruleFailures, legend: '{{host}} {{rule_group}}' }],
      }),
    )
    .withPanel(
      history({
        id: 403,
        title: 'Since the last reload',
        description: 'Age of the configuration in use.',
        unit: units.Seconds,
        min: 0,
        width: 12,
        queries: [{ expr: prometheus.reloadAge, legend: '{{host}}' }],
      }),
    )
    .withPanel(
      history({
        id: 404,
        title: 'Discovered targets',
        description: 'Targets that each job knows of, scraped or dropped.',
        unit: units.Short,
        min: 0,
        decimals: 0,
        width: 12,
        queries: [{ expr: prometheus.discovered, legend: '{{host}} {{config}}' }],
      }),
    );
}
