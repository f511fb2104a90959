import { stringify } from 'yaml';
import type { Config } from '../config/schema.js';
import { fill, template } from '../templates.js';

export type Receiver = Config['alerting']['receivers'][number];

/** Where Alertmanager listens, on loopback only. */
export const alertmanagerPort = 9093;

export const alertmanagerHome = '/etc/alertmanager';

/** The operator's file with a receiver's secret. */
export function secretPathOf(receiver: Receiver): string | undefined {
  switch (receiver.type) {
    case 'email':
      return receiver.passwordFile;
    case 'pagerduty':
      return receiver.routingKeyFile;
    default:
      return receiver.urlFile;
  }
}

/** Where a receiver's secret stands on the host, 0600; the files of the config only name it. */
export function secretOnHost(index: number): string {
  return `${alertmanagerHome}/receiver-${String(index)}`;
}

/**
 * alertmanager.yml, valid for 0.25 and later. Every receiver is told of everything but the Watchdog; a host that is
 * down mutes what its application would say. `reveal` gives the address of a webhook, which Alertmanager reads from a
 * file only since 0.26: so the text is a secret where there is one.
 */
export function renderAlertmanager(config: Config, reveal: (index: number) => string): string {
  const { receivers } = config.alerting;
  const all: Record<string, object[]> = {};
  for (const [index, receiver] of receivers.entries())
    (all[`${receiver.type}_configs`] ??= []).push(notifier(receiver, index, reveal));
  const document = {
    route: {
      receiver: 'everybody',
      group_by: ['alertname', 'host'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '4h',
      routes: [{ matchers: ['severity="none"'], receiver: 'nobody' }],
    },
    inhibit_rules: [
      {
        source_matchers: ['alertname="InstanceDown"', 'job="node"'],
        target_matchers: ['job="flask-app"'],
        equal: ['host'],
      },
      {
        source_matchers: ['alertname="FlaskAppDown"'],
        target_matchers: ['alertname="InstanceDown"', 'job="flask-app"'],
        equal: ['host'],
      },
    ],
    receivers: [{ name: 'nobody' }, { name: 'everybody', ...all }],
  };
  return `# Written by cloudops; the next run replaces what is changed here by hand.\n${stringify(document, { lineWidth: 0 })}`;
}

function notifier(receiver: Receiver, index: number, reveal: (index: number) => string): object {
  const file = secretOnHost(index);
  switch (receiver.type) {
    case 'slack':
      return {
        api_url_file: file,
        send_resolved: true,
        ...(receiver.channel === undefined ? {} : { channel: receiver.channel }),
      };
    case 'pagerduty':
      return { routing_key_file: file, send_resolved: true };
    case 'webhook':
      return { url: reveal(index), send_resolved: true };
    case 'email':
      return {
        to: receiver.to,
        from: receiver.from,
        smarthost: receiver.smarthost,
        send_resolved: true,
        ...(receiver.username === undefined ? {} : { auth_username: receiver.username }),
        ...(receiver.passwordFile === undefined ? {} : { auth_password_file: file }),
      };
  }
}

export function alertmanagerUnit(binary: string): string {
  return fill('monitoring/prometheus-alertmanager.service', {
    binary,
    port: alertmanagerPort,
    hardening: template('monitoring/hardening.conf'),
  });
}
