import type { Step } from '../../hosts/step.js';
import { container } from '../../hosts/steps/container.js';
import { image } from '../../hosts/steps/image.js';
import { grafanaUser } from '../containers.js';
import { grafanaContainerOf } from './container-options.js';
import { grafanaFiles, grafanaLeftovers } from './grafana.js';
import { notUnderSystemd } from './other-runtime.js';
import { ownedBy } from './owned-by.js';
import { imageOf, type RoleInput } from './role.js';

/** Grafana as a container, its configuration and data in directories of the host. */
export function grafanaInDocker(input: RoleInput): readonly Step[] {
  if (input.adminPassword === undefined) throw new Error('the grafana role wants a password');
  return [
    image(imageOf(input, 'grafana')),
    ...grafanaFiles(input, input.adminPassword, grafanaUser),
    notUnderSystemd('grafana-server'),
    ownedBy('/var/lib/grafana', grafanaUser),
    container(grafanaContainerOf(input)),
    ...grafanaLeftovers(input),
  ];
}
