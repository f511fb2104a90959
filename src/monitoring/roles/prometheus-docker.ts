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
import { loginSteps, noLoginSteps } from './login.js';
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
    ...loginSteps(input, prometheusUser, checkLoginIn(taken.reference)),
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
    ...noLoginSteps(input),
  ];
}

/** promtool out of the image that runs, which sees the new files where the old ones are. */
function checkIn(reference: string): string {
  const mount = '--mount type=bind,source="$STAGE",target=/etc/prometheus,readonly';
  return promtoolIn(reference, `--user 0:0 ${mount}`, 'check config /etc/prometheus/prometheus.yml');
}

/** The file alone is mounted, and read by whom it belongs to: root without capabilities may not. */
function checkLoginIn(reference: string): string {
  const mount = '--mount type=bind,source="$NEW",target=/web.yml,readonly';
  return promtoolIn(reference, `--user ${prometheusUser} ${mount}`, 'check web-config /web.yml');
}

function promtoolIn(reference: string, options: string, words: string): string {
  const bounds = '--rm --pull never --network none --read-only --cap-drop ALL';
  return `docker run ${bounds} ${options} --entrypoint /bin/promtool ${quote(reference)} ${words} 2>&1`;
}
