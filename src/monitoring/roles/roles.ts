import type { Role } from '../../hosts/host.js';
import type { Step } from '../../hosts/step.js';
import { alertmanagerSteps } from './alertmanager.js';
import { applicationSteps } from './application.js';
import { grafanaInDocker } from './grafana-docker.js';
import { grafanaSteps } from './grafana.js';
import { nodeExporterSteps } from './node-exporter.js';
import { packagesSteps } from './packages.js';
import { prometheusInDocker } from './prometheus-docker.js';
import { prometheusSteps } from './prometheus.js';
import type { RoleInput, RoleName, RoleSteps } from './role.js';

export interface RoleChoice {
  readonly grafana: boolean;
  readonly application: boolean;
  /** Somebody is to be told of alerts. */
  readonly alertmanager?: boolean;
}

const stepsOf: Readonly<Record<Exclude<RoleName, 'packages'>, (input: RoleInput) => readonly Step[]>> = {
  'node-exporter': nodeExporterSteps,
  alertmanager: alertmanagerSteps,
  prometheus: (input) => (input.runtime === 'docker' ? prometheusInDocker(input) : prometheusSteps(input)),
  grafana: (input) => (input.runtime === 'docker' ? grafanaInDocker(input) : grafanaSteps(input)),
  application: applicationSteps,
};

/** What people call the roles. */
export const roleTitles: Readonly<Record<RoleName, string>> = {
  packages: 'packages',
  'node-exporter': 'Node Exporter',
  alertmanager: 'Alertmanager',
  prometheus: 'Prometheus',
  grafana: 'Grafana',
  application: 'application',
};

/** Which roles a host has, in the order they are told of; `packages` first, as the others stand on it. */
export function roleNames(role: Role, choice: RoleChoice): readonly RoleName[] {
  return role === 'monitoring'
    ? [
        'packages',
        'node-exporter',
        ...(choice.alertmanager === true ? (['alertmanager'] as const) : []),
        'prometheus',
        ...(choice.grafana ? (['grafana'] as const) : []),
      ]
    : ['packages', 'node-exporter', ...(choice.application ? (['application'] as const) : [])];
}

/** What each of the roles wants of a host. Pure. */
export function roleSteps(names: readonly RoleName[], input: RoleInput): readonly RoleSteps[] {
  return names.map((role) => ({
    role,
    steps: role === 'packages' ? packagesSteps(names, input) : stepsOf[role](input),
  }));
}
