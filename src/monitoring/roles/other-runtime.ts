import { CloudopsError } from '../../errors.js';
import { lastLines } from '../../hosts/output.js';
import { quote } from '../../hosts/shell.js';
import { runScript, type Step, type StepScript } from '../../hosts/step.js';
import { specLabel } from '../../hosts/steps/container-script.js';
import { backupOf } from '../../hosts/steps/unit-container-script.js';
import type { RoleFacts } from '../facts.js';
import { applicationCompose, environmentPath } from '../team-application.js';

/** The service of the native runtime is gone before a container takes its port. */
export function notUnderSystemd(name: string): Step {
  const unit = quote(`${name}.service`);
  const own = quote(`/etc/systemd/system/${name}.service`);
  return gone({
    id: `no service ${name}`,
    look: `if systemctl is-active --quiet ${unit} || [ -f ${own} ]; then echo there; fi`,
    text: `systemctl disable --quiet --now ${unit} 2>/dev/null; rm -rf ${own} ${own}.d; systemctl daemon-reload`,
    detail: 'runs under systemd',
  });
}

/** A service that an earlier run set up and nobody wants any more; one by another hand is left alone. */
export function noLonger(name: string): Step {
  const own = quote(`/etc/systemd/system/${name}.service`);
  return gone({
    id: `no service ${name}`,
    look: `if [ -f ${own} ]; then echo there; fi`,
    text: `systemctl disable --quiet --now ${quote(`${name}.service`)} 2>/dev/null; rm -rf ${own} ${own}.d; systemctl daemon-reload`,
    detail: 'is no longer wanted',
  });
}

/** The container of the docker runtime is gone before a service takes its port. */
export function notInContainer(name: string, facts: Pick<RoleFacts, 'docker'>): Step {
  const ours = `docker container inspect --format '{{index .Config.Labels "${specLabel}"}}' ${name} 2>/dev/null | grep -q .`;
  return gone({
    id: `no container ${name}`,
    look: facts.docker ? `if ${ours}; then echo there; fi` : ':',
    text: `docker stop --time 60 ${name} >/dev/null && docker rm ${name} >/dev/null`,
    detail: 'runs in a container',
  });
}

/** The team's container is gone before the placeholder takes its port, and with it its variables. */
export function noTeamApplication(facts: Pick<RoleFacts, 'docker'>): Step {
  const ours = (name: string): string =>
    `docker container inspect --format '{{index .Config.Labels "${specLabel}"}}' ${name} 2>/dev/null | grep -q .`;
  const names = ['cloudops-app', 'cloudops-app-next', 'cloudops-app-before'];
  const left = [environmentPath, applicationCompose, backupOf('cloudops-app')];
  const files = left.map((path) => `[ -e ${path} ]`).join(' || ');
  return gone({
    id: 'no container cloudops-app',
    look: `if ${files}${facts.docker ? names.map((name) => ` || ${ours(name)}`).join('') : ''}; then echo there; fi`,
    text: [
      'set -e; if command -v docker >/dev/null; then',
      `  for name in ${names.join(' ')}; do docker container inspect "$name" >/dev/null 2>&1 || continue`,
      '    systemctl stop cloudops-app.service; docker rm --force "$name" >/dev/null; done; fi',
      `rm -rf ${left.join(' ')}`,
    ].join('\n'),
    detail: "the team's container runs",
  });
}

interface Gone {
  readonly id: string;
  /** Prints `there` when it is. */
  readonly look: string;
  readonly text: string;
  readonly detail: string;
}

function gone({ id, look, text, detail }: Gone): Step {
  const script: StepScript = {
    text,
    explain: (host, _code, output) =>
      new CloudopsError({
        code: 'RUNTIME_NOT_CHANGED',
        what: `What ran before can't be stopped on ${host.name} (${id}).`,
        why: lastLines(output),
        fix: ['correct what it names, then run the same command again'],
      }),
  };
  return {
    id,
    look,
    drift: (seen) => (seen === 'there' ? detail : undefined),
    apply: (host) => runScript(host, script),
    script,
  };
}
