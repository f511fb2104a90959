import { CloudopsError } from '../../errors.js';
import { lastLines } from '../../hosts/output.js';
import { runScript, type Step, type StepScript } from '../../hosts/step.js';
import { file } from '../../hosts/steps/file.js';
import { directory } from '../../hosts/steps/directory.js';
import { renderCompose } from '../containers.js';
import { grafanaContainerOf, prometheusContainerOf } from './container-options.js';
import type { RoleInput } from './role.js';

/** Docker itself, as the distribution has it or as it was found, and the compose file that says what runs in it. */
export function dockerSteps(input: RoleInput): readonly Step[] {
  const containers = [prometheusContainerOf(input), ...(input.grafana ? [grafanaContainerOf(input)] : [])];
  return [
    dockerRuns(),
    directory({ path: '/opt/cloudops' }),
    file({ path: '/opt/cloudops/compose.yaml', content: renderCompose(containers) }),
  ];
}

/** Its service is neither configured nor restarted by us: other containers may run there. */
export function dockerRuns(): Step {
  const script: StepScript = {
    text: 'systemctl enable --quiet --now docker.service && docker version >/dev/null',
    explain: (host, _code, output) =>
      new CloudopsError({
        code: 'DOCKER_NOT_STARTED',
        what: `Docker does not start on ${host.name}.`,
        why: lastLines(output),
        fix: [
          "see 'journalctl -u docker' on the host; Prometheus and Grafana run without it by '--runtime native'",
        ],
      }),
  };
  return {
    id: 'docker',
    look: 'systemctl is-active docker.service; systemctl is-enabled docker.service 2>/dev/null || echo disabled',
    drift: (seen) => {
      const [active = '', enabled = ''] = seen.split('\n');
      if (active !== 'active') return `is ${active}`;
      return enabled === 'enabled' ? undefined : `is ${enabled}`;
    },
    apply: (host) => runScript(host, script),
    script,
  };
}
