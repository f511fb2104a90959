import type { Config } from '../config/schema.js';
import { template } from '../templates.js';
import { grafanaContainer, prometheusContainer, renderCompose } from './containers.js';
import type { MonitoringModel } from './model.js';
import { imageReference } from './releases.js';
import { renderAlertRules, renderMetaRules, renderPrometheus } from './render.js';
import { grafanaReads } from './roles/grafana.js';
import type { Runtime } from './roles/role.js';
import { applicationUnit, grafanaUnit, nodeExporterUnit, prometheusUnit } from './units.js';

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
  /** What runs Prometheus and Grafana. */
  readonly runtime: Runtime;
}

/** What a memory limit is reckoned from where no host was asked: a t3.medium's. */
const memoryBytes = 4 * 2 ** 30;

/**
 * Every file that `monitoring configure` writes, but for secrets; pure. What only a host can tell (its system, the
 * size of its disk) is taken from the config.
 */
export function renderFiles(model: MonitoringModel, options: RenderOptions): readonly RenderedFile[] {
  const { config } = model;
  return [
    { path: 'prometheus.yml', content: renderPrometheus(model) },
    { path: 'alert-rules.yml', content: renderAlertRules(model) },
    { path: 'meta-rules.yml', content: renderMetaRules(model) },
    ...(options.grafana ? grafanaReads(model).map(belowOut) : []),
    ...(options.runtime === 'docker' ? [compose(model, options)] : units(config, options)),
    exporterUnit(config, options),
    ...(options.application ? application(config, options) : []),
  ];
}

function belowOut({ path, content }: RenderedFile): RenderedFile {
  return { path: path.replace(/^\/etc\//, ''), content };
}

const programs = ({ packaged }: RenderOptions): string => (packaged ? '/usr/bin' : '/opt/cloudops/bin');

function exporterUnit(config: Config, options: RenderOptions): RenderedFile {
  const exporter = options.packaged ? 'prometheus-node-exporter' : 'node_exporter';
  return {
    path: 'systemd/prometheus-node-exporter.service',
    content: nodeExporterUnit(config, `${programs(options)}/${exporter}`),
  };
}

function units(config: Config, options: RenderOptions): readonly RenderedFile[] {
  const diskBytes = config.monitoring.volumeSize * 2 ** 30;
  const prometheus = prometheusUnit(config, `${programs(options)}/prometheus`, diskBytes);
  return [
    { path: 'systemd/prometheus.service', content: prometheus },
    ...(options.grafana
      ? [{ path: 'systemd/grafana-server.service', content: grafanaUnit('/opt/cloudops/grafana') }]
      : []),
  ];
}

function compose(model: MonitoringModel, options: RenderOptions): RenderedFile {
  const { config } = model;
  const room = { memoryBytes, diskBytes: config.monitoring.volumeSize * 2 ** 30 };
  const prometheus = { spec: prometheusContainer(config, imageReference(config, 'prometheus'), room) };
  const grafana = {
    spec: grafanaContainer(imageReference(config, 'grafana'), room),
    startsWith: grafanaReads(model),
  };
  return {
    path: 'compose.yaml',
    content: renderCompose([prometheus, ...(options.grafana ? [grafana] : [])]),
  };
}

function application(config: Config, { packaged }: RenderOptions): readonly RenderedFile[] {
  return [
    { path: 'app/app.py', content: template('app/app.py') },
    ...(packaged ? [] : [{ path: 'app/requirements.txt', content: template('app/requirements.txt') }]),
    { path: 'systemd/cloudops-app.service', content: applicationUnit(config, packaged) },
  ];
}
