import type { ContainerOptions } from '../../hosts/steps/container.js';
import { grafanaContainer, prometheusContainer } from '../containers.js';
import { loginOf } from '../prometheus-login.js';
import { grafanaReads, grafanaReadsInSecret } from './grafana.js';
import { prometheusFiles } from './prometheus.js';
import { grafanaServes } from './grafana-tls.js';
import { answers, get, imageOf, type RoleInput } from './role.js';

export function prometheusContainerOf(input: RoleInput): ContainerOptions {
  const { config } = input.model;
  const { port } = config.monitoring.prometheus;
  const login = loginOf(config);
  const loaded = '$1 == "prometheus_config_last_reload_success_timestamp_seconds" { printf "%.9f", $2 }';
  return {
    spec: prometheusContainer(config, imageOf(input, 'prometheus').reference, input.facts),
    reload: {
      paths: prometheusFiles(input.model).map(({ path }) => path),
      loadedAt: `${get(port, '/metrics', { login })} | awk '${loaded}'`,
    },
    port,
    ready: answers(port, '/-/ready', { login }),
  };
}

export function grafanaContainerOf(input: RoleInput): ContainerOptions {
  return {
    spec: grafanaContainer(imageOf(input, 'grafana').reference, input.facts),
    startsWith: grafanaReads(input.model),
    restartOn: grafanaReadsInSecret(input),
    port: input.model.config.monitoring.grafana.port,
    ready: grafanaServes(input),
    readyTimeoutMs: 120_000,
  };
}
