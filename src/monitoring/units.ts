import type { Config } from '../config/schema.js';
import { fill, template } from '../templates.js';
import { tlsFiles } from './grafana-tls.js';
import { webConfigPath } from './prometheus-login.js';

const hardening = (): string => template('monitoring/hardening.conf');

/** What the data may take: three fifths of the file system, so that the rest of the machine lives too. */
export function retentionSize(diskBytes: number): string {
  const megabytes = Math.max(512, Math.floor((diskBytes * 0.6) / 2 ** 20));
  return megabytes >= 4096 ? `${String(Math.floor(megabytes / 1024))}GB` : `${String(megabytes)}MB`;
}

/** Prometheus' arguments, the same whatever runs it; none holds a blank or a dollar sign. */
export function prometheusFlags(config: Config, diskBytes: number): readonly string[] {
  return [
    '--config.file=/etc/prometheus/prometheus.yml',
    `--web.listen-address=${prometheusListen(config)}`,
    '--storage.tsdb.path=/var/lib/prometheus/data',
    `--storage.tsdb.retention.time=${config.monitoring.prometheus.retention}`,
    `--storage.tsdb.retention.size=${retentionSize(diskBytes)}`,
    ...(config.monitoring.prometheus.basicAuth ? [`--web.config.file=${webConfigPath}`] : []),
  ];
}

/** prometheus.service for a binary and the size in bytes of the disk that holds its data. */
export function prometheusUnit(config: Config, binary: string, diskBytes: number): string {
  const flags = prometheusFlags(config, diskBytes).join(' \\\n  ');
  return fill('monitoring/prometheus.service', { binary, flags, hardening: hardening() });
}

/** The address that Prometheus listens on, as its flag has it. */
export function prometheusListen(config: Config): string {
  const { bind, port } = config.monitoring.prometheus;
  return `${bind === 'loopback' ? '127.0.0.1' : '0.0.0.0'}:${String(port)}`;
}

export function nodeExporterUnit(config: Config, binary: string): string {
  const { port } = config.monitoring.nodeExporter;
  return fill('monitoring/prometheus-node-exporter.service', { binary, port, hardening: hardening() });
}

export function grafanaUnit(home: string): string {
  return fill('grafana/grafana-server.service', { home, hardening: hardening() });
}

export function grafanaIni(config: Config): string {
  const { grafana, prometheus } = config.monitoring;
  return fill('grafana/grafana.ini', {
    port: grafana.port,
    https:
      grafana.https === false
        ? ''
        : `\nprotocol = https\ncert_file = ${tlsFiles.certificate}\ncert_key = ${tlsFiles.key}`,
    cookies: grafana.https === false ? '' : '\ncookie_secure = true',
    datasource: `127.0.0.1:${String(prometheus.port)}`,
  });
}

/** `packaged`: gunicorn of the distribution, else the newer one of the virtual environment, which listens for commands. */
export function applicationUnit(config: Config, packaged: boolean): string {
  const gunicorn = packaged ? '/usr/bin/gunicorn' : `${applicationVenv}/bin/gunicorn --no-control-socket`;
  return fill('app/cloudops-app.service', {
    gunicorn,
    port: config.application.port,
    hardening: hardening(),
  });
}

export const applicationHome = '/opt/cloudops-app';
export const applicationVenv = `${applicationHome}/venv`;
