import type { Step } from '../../hosts/step.js';
import { archive } from '../../hosts/steps/archive.js';
import { service } from '../../hosts/steps/service.js';
import { user } from '../../hosts/steps/user.js';
import { nodeExporterUnit } from '../units.js';
import { answers, archiveOf, fromPackages, type RoleInput } from './role.js';

const into = '/opt/cloudops/bin';

/** Node Exporter under systemd, with the same collectors on every system. */
export function nodeExporterSteps(input: RoleInput): readonly Step[] {
  const { config } = input.model;
  const packaged = fromPackages(input, 'nodeExporter');
  const binary = packaged ? '/usr/bin/prometheus-node-exporter' : `${into}/node_exporter`;
  return [
    user({ name: 'prometheus' }),
    ...(packaged
      ? []
      : [
          archive({
            name: 'node_exporter',
            ...archiveOf(input, 'nodeExporter'),
            into,
            files: ['node_exporter'],
          }),
        ]),
    service({
      name: 'prometheus-node-exporter',
      unit: nodeExporterUnit(config, binary),
      restartOn: packaged ? [] : ['/var/lib/cloudops/archives/node_exporter'],
      port: config.monitoring.nodeExporter.port,
      ready: answers(config.monitoring.nodeExporter.port, '/'),
    }),
  ];
}
