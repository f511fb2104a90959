import type { Step } from '../../hosts/step.js';
import { archive } from '../../hosts/steps/archive.js';
import { directory } from '../../hosts/steps/directory.js';
import { file } from '../../hosts/steps/file.js';
import { service } from '../../hosts/steps/service.js';
import { user } from '../../hosts/steps/user.js';
import {
  alertmanagerHome as home,
  alertmanagerPort,
  alertmanagerUnit,
  renderAlertmanager,
  secretOnHost,
} from '../alertmanager.js';
import { archiveOf, fromPackages, type RoleInput } from './role.js';

const into = '/opt/cloudops/bin';
const owner = 'prometheus:prometheus';

/** Alertmanager under systemd, on loopback; the secrets of its receivers in files of their own. */
export function alertmanagerSteps(input: RoleInput): readonly Step[] {
  const { config } = input.model;
  const packaged = fromPackages(input, 'alertmanager');
  const programs = packaged ? '/usr/bin' : into;
  const path = `${home}/alertmanager.yml`;
  const secret = config.alerting.receivers.some(({ type }) => type === 'webhook');
  const secrets = input.receiverSecrets ?? [];
  return [
    user({ name: 'prometheus' }),
    ...(packaged
      ? []
      : [
          archive({
            name: 'alertmanager',
            ...archiveOf(input, 'alertmanager'),
            into,
            files: ['alertmanager', 'amtool'],
          }),
        ]),
    directory({ path: home }),
    ...secrets.flatMap((value, index) =>
      value === undefined || config.alerting.receivers[index]?.type === 'webhook'
        ? []
        : [file({ path: secretOnHost(index), content: value.reveal(), mode: 0o600, owner, secret: true })],
    ),
    file({
      path,
      content: renderAlertmanager(
        config,
        (index) => secrets[index]?.reveal() ?? 'http://placeholder.invalid/',
      ),
      mode: 0o600,
      owner,
      secret,
      validate: `${programs}/amtool check-config "$NEW" 2>&1`,
    }),
    service({
      name: 'prometheus-alertmanager',
      unit: alertmanagerUnit(packaged ? '/usr/bin/prometheus-alertmanager' : `${into}/alertmanager`),
      restartOn: packaged ? [] : ['/var/lib/cloudops/archives/alertmanager'],
      reload: [path],
      port: alertmanagerPort,
      ready: `curl -fsS --noproxy '*' --max-time 3 http://127.0.0.1:${String(alertmanagerPort)}/metrics | grep -q '^alertmanager_config_last_reload_successful 1'`,
    }),
  ];
}
