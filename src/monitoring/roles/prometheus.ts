import type { Step } from '../../hosts/step.js';
import { archive } from '../../hosts/steps/archive.js';
import { directory } from '../../hosts/steps/directory.js';
import { service } from '../../hosts/steps/service.js';
import { user } from '../../hosts/steps/user.js';
import { alertRules } from '../alerts.js';
import { metaRules } from '../meta-alerts.js';
import { prometheusConfig } from '../prometheus-config.js';
import { release } from '../releases.js';
import { renderAlertRules, renderMetaRules, renderPrometheus } from '../render.js';
import { prometheusListen, prometheusUnit } from '../units.js';
import { answers, fromPackages, type RoleInput } from './role.js';

const into = '/opt/cloudops/bin';
const home = '/etc/prometheus';

/** Prometheus under systemd with its configuration and rules. */
export function prometheusSteps({ model, facts }: RoleInput): readonly Step[] {
  const { config } = model;
  const { port } = config.monitoring.prometheus;
  const packaged = fromPackages(facts);
  const programs = packaged ? '/usr/bin' : into;
  const { url, checksumUrl } = release(config, 'prometheus', facts.arch ?? 'amd64');
  const files = [
    { path: `${home}/prometheus.yml`, content: renderPrometheus(model) },
    { path: `${home}/alert-rules.yml`, content: renderAlertRules(model) },
    { path: `${home}/meta-rules.yml`, content: renderMetaRules(model) },
  ];
  return [
    user({ name: 'prometheus' }),
    ...(packaged
      ? []
      : [archive({ name: 'prometheus', url, checksumUrl, into, files: ['prometheus', 'promtool'] })]),
    directory({ path: home }),
    prometheusConfig({
      files,
      promtool: `${programs}/promtool`,
      listen: prometheusListen(config),
      port,
      rules: [...alertRules(config), ...metaRules(config)].map(({ alert }) => alert),
    }),
    service({
      name: 'prometheus',
      unit: prometheusUnit(config, `${programs}/prometheus`, facts.diskBytes),
      restartOn: packaged ? [] : ['/var/lib/cloudops/archives/prometheus'],
      reload: files.map(({ path }) => path),
      ready: answers(port, '/-/ready'),
    }),
  ];
}
