import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Https } from './https.js';
import type { Config } from './schema.js';

type Receiver = Config['alerting']['receivers'][number];

/**
 * Files that belong to a stack (dashboards, certificates, secrets) are named from the folder of the config file, wherever the command
 * runs; `~/` is the operator's home. Gives the config with absolute paths of them.
 */
export function beside(folder: string, config: Config): Config {
  const { application, dashboards, alerting, monitoring } = config;
  const { grafana } = monitoring;
  const { environmentFile } = application;
  const from = (path: string): string =>
    path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);
  return {
    ...config,
    application:
      environmentFile === undefined
        ? application
        : { ...application, environmentFile: from(environmentFile) },
    monitoring: { ...monitoring, grafana: { ...grafana, https: httpsBeside(grafana.https, from) } },
    dashboards: { ...dashboards, files: dashboards.files.map(from) },
    alerting: { ...alerting, receivers: alerting.receivers.map((one) => receiverBeside(one, from)) },
  };
}

function httpsBeside(https: Https, from: (path: string) => string): Https {
  return typeof https === 'object' ? { certificate: from(https.certificate), key: from(https.key) } : https;
}

function receiverBeside(receiver: Receiver, from: (path: string) => string): Receiver {
  switch (receiver.type) {
    case 'email':
      return receiver.passwordFile === undefined
        ? receiver
        : { ...receiver, passwordFile: from(receiver.passwordFile) };
    case 'pagerduty':
      return { ...receiver, routingKeyFile: from(receiver.routingKeyFile) };
    default:
      return { ...receiver, urlFile: from(receiver.urlFile) };
  }
}
