import { quote } from '../../hosts/shell.js';
import type { Step } from '../../hosts/step.js';
import { container } from '../../hosts/steps/container.js';
import { directory } from '../../hosts/steps/directory.js';
import { image } from '../../hosts/steps/image.js';
import { prometheusUser } from '../containers.js';
import { prometheusConfig, underDocker } from '../prometheus-config.js';
import { prometheusListen } from '../units.js';
import { prometheusContainerOf } from './container-options.js';
import { dockerSteps } from './docker.js';
import { noLonger, notUnderSystemd } from './other-runtime.js';
import { ownedBy } from './owned-by.js';
import { prometheusFiles, prometheusRules } from './prometheus.js';
import { imageOf, type RoleInput } from './role.js';

/** Prometheus as a container, its configuration and data in directories of the host. */
export function prometheusInDocker(input: RoleInput): readonly Step[] {
  const { config } = input.model;
  const taken = imageOf(input, 'prometheus');
  return [
    ...dockerSteps(input),
    image(taken),
    directory({ path: '/etc/prometheus' }),
    prometheusConfig({
      files: prometheusFiles(input.model),
      check: checkIn(taken.reference),
      process: underDocker(prometheusListen(config)),
      port: config.monitoring.prometheus.port,
      rules: prometheusRules(config),
    }),
    notUnderSystemd('prometheus'),
    ...(config.alerting.receivers.length === 0 ? [noLonger('prometheus-alertmanager')] : []),
    ownedBy('/var/lib/prometheus', prometheusUser),
    container(prometheusContainerOf(input)),
  ];
}

/** promtool out of the image that runs, which sees the new files where the old ones are. */
function checkIn(reference: string): string {
  return [
    'docker run --rm --pull never --network none --read-only --cap-drop ALL --user 0:0',
    '--mount type=bind,source="$STAGE",target=/etc/prometheus,readonly --entrypoint /bin/promtool',
    quote(reference),
    'check config /etc/prometheus/prometheus.yml 2>&1',
  ].join(' ');
}
