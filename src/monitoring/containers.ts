import { stringify } from 'yaml';
import type { Config } from '../config/schema.js';
import { logOptions, pidsLimit, specLabel } from '../hosts/steps/container-script.js';
import { specHash, type ContainerOptions, type ContainerSpec } from '../hosts/steps/container.js';
import { prometheusFlags } from './units.js';

/** Users of the publishers' images. */
export const prometheusUser = '65534:65534';
export const grafanaUser = '472:0';

const mebibyte = 2 ** 20;

/** Bytes a container may use: this share of the host's memory, at least 256 MiB, in whole MiB. */
export function memoryLimit(memoryBytes: number, share: number): number {
  return Math.max(256, Math.floor((memoryBytes * share) / mebibyte)) * mebibyte;
}

/** What a container is made for: the host's memory and the disk that holds Prometheus' data, in bytes. */
export interface Room {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

export function prometheusContainer(config: Config, image: string, room: Room): ContainerSpec {
  return {
    name: 'prometheus',
    image,
    entrypoint: '/bin/prometheus',
    command: prometheusFlags(config, room.diskBytes),
    user: prometheusUser,
    memory: memoryLimit(room.memoryBytes, 0.5),
    stopSeconds: 60,
    mounts: [
      { source: '/etc/prometheus', target: '/etc/prometheus' },
      { source: '/var/lib/prometheus', target: '/var/lib/prometheus', writable: true },
    ],
    tmpfs: ['/tmp'],
  };
}

export function grafanaContainer(image: string, room: Room): ContainerSpec {
  const home = '/usr/share/grafana';
  return {
    name: 'grafana',
    image,
    entrypoint: `${home}/bin/grafana`,
    command: ['server', `--homepath=${home}`, '--config=/etc/grafana/grafana.ini', '--packaging=docker'],
    user: grafanaUser,
    memory: memoryLimit(room.memoryBytes, 0.3),
    stopSeconds: 30,
    mounts: [
      { source: '/etc/grafana', target: '/etc/grafana' },
      { source: '/var/lib/grafana', target: '/var/lib/grafana', writable: true },
    ],
    tmpfs: ['/tmp', '/var/log/grafana'],
  };
}

/** compose.yaml: the same containers for `docker compose`, by whoever wants to see or move them. */
export function renderCompose(containers: readonly Pick<ContainerOptions, 'spec' | 'startsWith'>[]): string {
  const services = Object.fromEntries(containers.map((one) => [one.spec.name, composeService(one)]));
  const text = '# Written by cloudops: what its containers on this host are made from.\n';
  return text + stringify({ name: 'cloudops', services }, { lineWidth: 0 });
}

function composeService(options: Pick<ContainerOptions, 'spec' | 'startsWith'>): object {
  const { spec } = options;
  return {
    image: spec.image,
    container_name: spec.name,
    entrypoint: [spec.entrypoint],
    // A dollar sign would be a variable to compose.
    command: spec.command.map((word) => word.replaceAll('$', '$$$$')),
    user: spec.user,
    network_mode: 'host',
    restart: 'unless-stopped',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    mem_limit: `${String(spec.memory / mebibyte)}m`,
    pids_limit: pidsLimit,
    stop_grace_period: `${String(spec.stopSeconds)}s`,
    volumes: spec.mounts.map(({ source, target, writable }) => ({
      type: 'bind',
      source,
      target,
      read_only: writable !== true,
    })),
    tmpfs: [...spec.tmpfs],
    logging: { driver: 'json-file', options: { ...logOptions } },
    labels: { [specLabel]: specHash(options) },
  };
}
