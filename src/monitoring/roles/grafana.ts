import type { Secret } from '../../config/secret.js';
import { CloudopsError } from '../../errors.js';
import { runScript, type Step, type StepScript } from '../../hosts/step.js';
import { archive } from '../../hosts/steps/archive.js';
import { directory } from '../../hosts/steps/directory.js';
import { file } from '../../hosts/steps/file.js';
import { service } from '../../hosts/steps/service.js';
import { user } from '../../hosts/steps/user.js';
import { passwordPath, skippedPath } from '../facts.js';
import type { MonitoringModel } from '../model.js';
import { renderDatasource } from '../render.js';
import { grafanaIni, grafanaUnit } from '../units.js';
import { grafanaServes, noTlsSteps, tlsSteps } from './grafana-tls.js';
import { tlsPaths } from '../grafana-tls.js';
import { grafanaLoginSteps, grafanaSecrets, noGrafanaLoginSteps } from './login.js';
import { notInContainer } from './other-runtime.js';
import { archiveOf, type RoleInput } from './role.js';

const home = '/opt/cloudops/grafana';
const marker = '/var/lib/cloudops/archives/grafana';
const owner = 'grafana:grafana';
const ini = '/etc/grafana/grafana.ini';
const provisioning = '/etc/grafana/provisioning';
const datasource = `${provisioning}/datasources/prometheus.yaml`;

/** Grafana from its pinned release, its data source provisioned, its admin password ours. */
export function grafanaSteps(input: RoleInput): readonly Step[] {
  const { model, facts, adminPassword } = input;
  if (adminPassword === undefined) throw new Error('the grafana role wants a password');
  return [
    user({ name: 'grafana', home: '/var/lib/grafana' }),
    unpacked(archive({ name: 'grafana', ...archiveOf(input, 'grafana'), into: home })),
    notInContainer('grafana', facts),
    ...grafanaFiles(input, adminPassword, owner),
    service({
      name: 'grafana-server',
      unit: grafanaUnit(home),
      restartOn: [ini, datasource, marker, ...grafanaReadsInSecret(input)],
      port: model.config.monitoring.grafana.port,
      ready: grafanaServes(input),
      readyTimeoutMs: 120_000,
    }),
    ...grafanaLeftovers(input),
  ];
}

/** What Grafana reads at its start, but for secrets. */
export function grafanaReads(model: MonitoringModel): readonly { path: string; content: string }[] {
  return [
    { path: ini, content: grafanaIni(model.config) },
    { path: datasource, content: renderDatasource(model) },
  ];
}

/** Files that Grafana reads at its start beside those: a login, a key. */
export function grafanaReadsInSecret(input: RoleInput): readonly string[] {
  return [...grafanaSecrets(input), ...tlsPaths(input.model.config)];
}

/** After Grafana runs as it is wanted: what only an earlier one needed, or an earlier run said. */
export function grafanaLeftovers(input: RoleInput): readonly Step[] {
  return [...noGrafanaLoginSteps(input), ...noTlsSteps(input), notSkipped()];
}

/** Everything below /etc/grafana; `owner` is who reads the secrets. */
export function grafanaFiles(input: RoleInput, password: Secret, owner: string): readonly Step[] {
  return [
    directory({ path: '/etc/grafana' }),
    ...['datasources', 'dashboards', 'plugins', 'alerting'].map((name) =>
      directory({ path: `${provisioning}/${name}` }),
    ),
    file({ path: passwordPath, content: password.reveal(), mode: 0o600, owner, secret: true }),
    secretKey('/etc/grafana/secret-key', owner),
    ...grafanaLoginSteps(input, owner),
    ...tlsSteps(input, owner),
    ...grafanaReads(input.model).map((one) => file(one)),
  ];
}

/** Grafana is thousands of files: hashing them all in every run would take seconds, so its program must do. */
function unpacked(step: Step): Step {
  return {
    ...step,
    look: `if [ -f ${marker} ] && [ -x ${home}/bin/grafana ]; then head -n 1 ${marker}; echo "end 0"; else echo absent; fi`,
  };
}

/** The key that Grafana encrypts with: made on the host, known to nobody else, never changed. */
function secretKey(path: string, owner: string): Step {
  const script: StepScript = {
    text: [
      'umask 077',
      `[ -s ${path} ] || { head -c 32 /dev/urandom | base64 -w 0 >${path}.new && mv -f ${path}.new ${path}; } || exit 1`,
      `chown ${owner} ${path} && chmod 0600 ${path}`,
    ].join('\n'),
    explain: (host, _code, output) =>
      new CloudopsError({
        code: 'FILE_NOT_WRITTEN',
        what: `${path} can't be written on ${host.name}.`,
        why: output.trim(),
        fix: ['see whether the file system is writable, then run the same command again'],
      }),
  };
  return {
    id: `file ${path}`,
    look: `if [ -s ${path} ]; then stat -c '%a %U:%G %u:%g' ${path}; else echo absent; fi`,
    drift: (seen) =>
      seen === 'absent'
        ? 'missing'
        : seen.startsWith('600 ') && seen.split(' ').includes(owner)
          ? undefined
          : `is ${seen} instead of 600 ${owner}`,
    apply: (host) => runScript(host, script),
    script,
  };
}

/** An earlier run may have left Grafana out and said so. */
function notSkipped(): Step {
  const script: StepScript = {
    text: `rm -f ${skippedPath}`,
    explain: (host, _code, output) =>
      new CloudopsError({
        code: 'FILE_NOT_WRITTEN',
        what: `${skippedPath} can't be removed on ${host.name}.`,
        why: output.trim(),
      }),
  };
  return {
    id: `file ${skippedPath}`,
    look: `if [ -e ${skippedPath} ]; then echo there; else echo absent; fi`,
    drift: (seen) => (seen === 'there' ? 'says that Grafana was left out' : undefined),
    apply: (host) => runScript(host, script),
    script,
  };
}
