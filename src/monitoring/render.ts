import { stringify } from 'yaml';
import { alertRules } from './alerts.js';
import { alertmanagerPort } from './alertmanager.js';
import { metaRules } from './meta-alerts.js';
import type { HostLogin } from '../hosts/http.js';
import { grafanaLoginPath, loginOf } from './prometheus-login.js';
import type { Discovery, Job, MonitoringModel } from './model.js';

const generated = '# Written by cloudops; the next run replaces what is changed here by hand.\n';

/** Rule files that prometheus.yml names, beside it. */
export const ruleFiles = ['alert-rules.yml', 'meta-rules.yml'] as const;

function yaml(document: object): string {
  return generated + stringify(document, { lineWidth: 0 });
}

/** prometheus.yml: valid for Prometheus 2.42 to 3.x, so no field that only one of them knows. */
export function renderPrometheus(model: MonitoringModel): string {
  const { scrapeInterval, evaluationInterval } = model.config.monitoring.prometheus;
  return yaml({
    global: { scrape_interval: scrapeInterval, evaluation_interval: evaluationInterval },
    rule_files: [...ruleFiles],
    ...(model.config.alerting.receivers.length === 0 ? {} : { alerting: alertmanagers }),
    scrape_configs: [
      ...model.jobs
        .filter((job) => job.targets.length > 0)
        .map((job) => scrapeConfig(job, loginOf(model.config))),
      ...(model.discovery === undefined ? [] : [discoveryConfig(model, model.discovery)]),
    ],
  });
}

/** Alertmanager, on the monitoring host itself. */
const alertmanagers = {
  alertmanagers: [{ static_configs: [{ targets: [`localhost:${String(alertmanagerPort)}`] }] }],
};

/** `login` is Prometheus' own: only it asks itself for one. */
function scrapeConfig(job: Job, login: HostLogin | undefined): object {
  const own = job.name === 'prometheus' ? login : undefined;
  return {
    job_name: job.name,
    ...(job.interval === undefined ? {} : { scrape_interval: job.interval }),
    ...(job.metricsPath === '/metrics' ? {} : { metrics_path: job.metricsPath }),
    ...(own === undefined ? {} : { basic_auth: { username: own.name, password_file: own.passwordFile } }),
    static_configs: job.targets.map(({ address, host }) => ({ targets: [address], labels: { host } })),
  };
}

/** Further running instances of the stack; those that the static jobs scrape are dropped, so none is scraped twice. */
function discoveryConfig(model: MonitoringModel, { region, endpoint }: Discovery): object {
  const managed = model.hosts.flatMap((host) => host.instanceId ?? []);
  return {
    job_name: 'node-ec2',
    ec2_sd_configs: [
      {
        region,
        ...(endpoint === undefined ? {} : { endpoint }),
        port: model.config.monitoring.nodeExporter.port,
        filters: [
          { name: 'instance-state-name', values: ['running'] },
          { name: 'tag:cloudops:stack', values: [model.stack] },
        ],
      },
    ],
    relabel_configs: [
      { source_labels: ['__meta_ec2_instance_id'], regex: managed.join('|'), action: 'drop' },
      { source_labels: ['__meta_ec2_instance_id'], target_label: 'host' },
      {
        source_labels: ['__meta_ec2_tag_Name'],
        regex: `(?:${model.stack}-)?(.+)`,
        target_label: 'host',
      },
    ],
  };
}

/** alert-rules.yml: the seven rules in one group. */
export function renderAlertRules(model: Pick<MonitoringModel, 'config'>): string {
  return yaml({ groups: [{ name: 'cloudops', rules: alertRules(model.config) }] });
}

/** meta-rules.yml: whether the monitoring itself works. */
export function renderMetaRules(model: Pick<MonitoringModel, 'config'>): string {
  return yaml({ groups: [{ name: 'cloudops-meta', rules: metaRules(model.config) }] });
}

/** Grafana's data source, provisioned: fixed uid, its interval the slowest scrape. */
export function renderDatasource(model: MonitoringModel): string {
  const { port, scrapeInterval } = model.config.monitoring.prometheus;
  return yaml({
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: `http://127.0.0.1:${String(port)}`,
        isDefault: true,
        editable: false,
        ...dataSourceLogin(loginOf(model.config)),
        jsonData: { timeInterval: scrapeInterval, httpMethod: 'POST' },
      },
    ],
  });
}

function dataSourceLogin(login: HostLogin | undefined): object {
  if (login === undefined) return {};
  return {
    basicAuth: true,
    basicAuthUser: login.name,
    secureJsonData: { basicAuthPassword: `$__file{${grafanaLoginPath}}` },
  };
}
