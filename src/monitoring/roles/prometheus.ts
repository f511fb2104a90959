import type { Config } from '../../config/schema.js';
import type { Step } from '../../hosts/step.js';
import { archive } from '../../hosts/steps/archive.js';
import { directory } from '../../hosts/steps/directory.js';
import { service } from '../../hosts/steps/service.js';
import { user } from '../../hosts/steps/user.js';
import { alertRules } from '../alerts.js';
import { metaRules } from '../meta-alerts.js';
import type { MonitoringModel } from '../model.js';
import { loginOf } from '../prometheus-login.js';
import { prometheusConfig, underSystemd } from '../prometheus-config.js';
import { renderAlertRules, renderMetaRules, renderPrometheus } from '../render.js';
import { prometheusListen, prometheusUnit } from '../units.js';
import { loginSteps, noLoginSteps } from './login.js';
import { noLonger, notInContainer } from './other-runtime.js';
import { answers, archiveOf, fromPackages, type RoleInput } from './role.js';

const into = '/opt/cloudops/bin';
const home = '/etc/prometheus';

/** Its configuration and rules, all in one directory; the first is what promtool checks. */
export function prometheusFiles(model: MonitoringModel): readonly { path: string; content: string }[] {
  return [
    { path: `${home}/prometheus.yml`, content: renderPrometheus(model) },
    { path: `${home}/alert-rules.yml`, content: renderAlertRules(model) },
    { path: `${home}/meta-rules.yml`, content: renderMetaRules(model) },
  ];
}

/** Names of all rules that must be loaded. */
export function prometheusRules(config: Config): readonly string[] {
  return [...alertRules(config), ...metaRules(config)].map(({ alert }) => alert);
}

/** Prometheus under systemd with its configuration and rules. */
export function prometheusSteps(input: RoleInput): readonly Step[] {
  const { model, facts } = input;
  const { config } = model;
  const { port } = config.monitoring.prometheus;
  const packaged = fromPackages(input, 'prometheus');
  const programs = packaged ? '/usr/bin' : into;
  const files = prometheusFiles(model);
  return [
    user({ name: 'prometheus' }),
    ...(packaged
      ? []
      : [
          archive({
            name: 'prometheus',
            ...archiveOf(input, 'prometheus'),
            into,
            files: ['prometheus', 'promtool'],
          }),
        ]),
    notInContainer('prometheus', facts),
    ...(config.alerting.receivers.length === 0 ? [noLonger('prometheus-alertmanager')] : []),
    directory({ path: home }),
    ...loginSteps(input, 'prometheus:prometheus', `${programs}/promtool check web-config "$NEW" 2>&1`),
    prometheusConfig({
      files,
      check: `${programs}/promtool check config "$NEW" 2>&1`,
      process: underSystemd(prometheusListen(config)),
      port,
      rules: prometheusRules(config),
    }),
    service({
      name: 'prometheus',
      unit: prometheusUnit(config, `${programs}/prometheus`, facts.diskBytes),
      restartOn: packaged ? [] : ['/var/lib/cloudops/archives/prometheus'],
      reload: files.map(({ path }) => path),
      port,
      ready: answers(port, '/-/ready', { login: loginOf(config) }),
    }),
    ...noLoginSteps(input),
  ];
}
