import { template } from '../templates.js';
import type { MonitoringModel } from './model.js';
import { renderAlertRules, renderDatasource, renderMetaRules, renderPrometheus } from './render.js';
import { applicationUnit, grafanaIni, grafanaUnit, nodeExporterUnit, prometheusUnit } from './units.js';

export interface RenderedFile {
  /** Below the directory that is written. */
  readonly path: string;
  readonly content: string;
}

export interface RenderOptions {
  readonly grafana: boolean;
  readonly application: boolean;
  /** The programs come with the distribution (Debian, Ubuntu), or from their publishers. */
  readonly packaged: boolean;
}

/**
 * Every file that `monitoring configure` writes, but for secrets; pure. What only a host can tell (its system, the
 * size of its disk) is taken from the config.
 */
export function renderFiles(model: MonitoringModel, options: RenderOptions): readonly RenderedFile[] {
  const { config } = model;
  const bin = options.packaged ? '/usr/bin' : '/opt/cloudops/bin';
  const exporter = options.packaged ? 'prometheus-node-exporter' : 'node_exporter';
  const diskBytes = config.monitoring.volumeSize * 2 ** 30;
  const grafana: readonly RenderedFile[] = [
    { path: 'grafana/grafana.ini', content: grafanaIni(config) },
    { path: 'grafana/provisioning/datasources/prometheus.yaml', content: renderDatasource(model) },
    { path: 'systemd/grafana-server.service', content: grafanaUnit('/opt/cloudops/grafana') },
  ];
  const application: readonly RenderedFile[] = [
    { path: 'app/app.py', content: template('app/app.py') },
    ...(options.packaged
      ? []
      : [{ path: 'app/requirements.txt', content: template('app/requirements.txt') }]),
    { path: 'systemd/cloudops-app.service', content: applicationUnit(config, options.packaged) },
  ];
  return [
    { path: 'prometheus.yml', content: renderPrometheus(model) },
    { path: 'alert-rules.yml', content: renderAlertRules(model) },
    { path: 'meta-rules.yml', content: renderMetaRules(model) },
    { path: 'systemd/prometheus.service', content: prometheusUnit(config, `${bin}/prometheus`, diskBytes) },
    {
      path: 'systemd/prometheus-node-exporter.service',
      content: nodeExporterUnit(config, `${bin}/${exporter}`),
    },
    ...(options.grafana ? grafana : []),
    ...(options.application ? application : []),
  ];
}
