import type { Grafana } from '../../dashboards/grafana.js';
import { prometheusUid } from '../../dashboards/data-sources.js';
import type { DashboardFile } from '../../dashboards/parse.js';
import { isUploaded } from '../../dashboards/upload.js';
import type { Finding, Probe } from '../probe.js';

/** Grafana, or why the stack has none. Rejects when it can't be found out. */
export type GrafanaOf = () => Promise<Grafana | { readonly skipped: string }>;

const health = 'grafana.health';

/** Grafana answers, reaches Prometheus, and holds every dashboard as the file has it. */
export function grafanaProbes(
  target: string,
  of: GrafanaOf,
  dashboards: readonly DashboardFile[],
): readonly Probe[] {
  const probe = (
    id: string,
    about: string,
    title: string,
    ask: (grafana: Grafana) => Promise<Finding>,
  ): Probe => ({
    id,
    target: about,
    title,
    async run() {
      const grafana = await of().catch((error: unknown) => {
        if (id === health) throw error;
        return { skipped: '' };
      });
      if (!('skipped' in grafana)) return ask(grafana);
      // Why there is none, or why it can't be asked, is long, and one of them says it.
      const message = id === health ? `not installed: ${grafana.skipped}` : `needs Grafana on ${target}`;
      return { status: 'skip', message };
    },
  });
  return [
    probe(health, target, `Grafana on ${target}`, healthy),
    probe('grafana.datasource', target, `Data source of Grafana on ${target}`, dataSourceWorks),
    ...dashboards.map((file) =>
      probe('dashboards.uploaded', file.uid, `Dashboard ${file.title}`, (grafana) => uploaded(grafana, file)),
    ),
  ];
}

async function healthy(grafana: Grafana): Promise<Finding> {
  const { ok, detail } = await grafana.health();
  if (ok) return { status: 'pass', message: `Grafana is healthy, ${detail}` };
  return {
    status: 'fail',
    message: `Grafana isn't healthy: ${detail}`,
    expected: 'a healthy database',
    hint: "Look at its log on the monitoring host: 'journalctl -u grafana-server -n 50'.",
  };
}

async function dataSourceWorks(grafana: Grafana): Promise<Finding> {
  const source = await grafana.dataSource(prometheusUid);
  const fix = "Run 'cloudops monitoring configure': it provisions the data source and restarts Grafana.";
  if (source === undefined) {
    return {
      status: 'fail',
      message: 'there is no data source',
      expected: `one with uid '${prometheusUid}'`,
      hint: fix,
    };
  }
  const { ok, detail } = await grafana.dataSourceHealth(prometheusUid);
  if (ok) return { status: 'pass', message: `data source '${source.name}' works` };
  const plugin = /plugin.*not (registered|found)/i.test(detail);
  return {
    status: 'fail',
    message: `data source '${source.name}' doesn't work: ${detail}`,
    expected: 'Grafana to reach Prometheus',
    hint: plugin
      ? "Grafana's Prometheus plugin didn't start: restart it on the host, 'systemctl restart grafana-server'."
      : fix,
  };
}

async function uploaded(grafana: Grafana, file: DashboardFile): Promise<Finding> {
  const state = await isUploaded(grafana, file);
  if (state === 'equal') return { status: 'pass', message: `'${file.title}' is as the file has it` };
  return state === 'absent'
    ? {
        status: 'fail',
        message: `'${file.title}' is not in Grafana`,
        expected: 'it to be there',
        hint: "Run 'cloudops dashboards upload'.",
      }
    : {
        status: 'fail',
        message: `'${file.title}' differs from the file`,
        expected: 'both to be equal',
        hint: "See where with 'cloudops dashboards diff'. 'cloudops dashboards pull' keeps what was edited in Grafana, 'cloudops dashboards upload --overwrite' puts the file's back.",
      };
}
