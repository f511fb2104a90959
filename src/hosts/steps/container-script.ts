import { quote, quoteAll } from '../shell.js';
import { portCheck } from './port.js';
import type { ContainerSpec } from './container.js';

/** Exit codes of the script below. */
export const containerCodes = { noImage: 94, notStarted: 95, notReady: 96 } as const;

/** The label that holds the hash of what a container was made from. */
export const specLabel = 'cloudops.spec';

/** How much log Docker keeps of a container. */
export const logOptions = { 'max-size': '10m', 'max-file': '3' } as const;

/** Processes and threads that a container may have. */
export const pidsLimit = 512;

/**
 * Arguments of `docker run`. Nothing is published: the process listens on the host's own network, where a firewall
 * of the host sees it, and Prometheus reaches the instance's role at one hop.
 */
export function containerArguments(spec: ContainerSpec, hash: string): readonly string[] {
  return [
    'run',
    '--detach',
    ...['--name', spec.name, '--label', `${specLabel}=${hash}`],
    ...['--pull', 'never', '--network', 'host', '--restart', 'unless-stopped'],
    ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', spec.user],
    ...['--memory', String(spec.memory), '--pids-limit', String(pidsLimit)],
    ...['--stop-timeout', String(spec.stopSeconds), '--log-driver', 'json-file'],
    ...Object.entries(logOptions).flatMap(([key, value]) => ['--log-opt', `${key}=${value}`]),
    ...spec.mounts.flatMap(({ source, target, writable }) => [
      '--mount',
      `type=bind,source=${source},target=${target}${writable === true ? '' : ',readonly'}`,
    ]),
    ...spec.tmpfs.flatMap((path) => ['--tmpfs', path]),
    ...['--entrypoint', spec.entrypoint, spec.image, ...spec.command],
  ];
}

/**
 * Shell that sends a container's process SIGHUP. By `docker kill` Docker would take the container for stopped by hand,
 * whatever the signal, and start it neither after a crash nor after a reboot.
 */
export function hangUp(name: string): string {
  const pid = `$(docker container inspect --format '{{.State.Pid}}' ${name} | grep -vx 0)`;
  return `{ P=${pid} && kill -s HUP "$P"; }`;
}

export interface ContainerScript {
  readonly spec: ContainerSpec;
  readonly port: number;
  readonly hash: string;
  readonly ready: string;
  /** Shell that exits 0 when the process has the present files. */
  readonly loaded: string;
  /** Shell that exits 0 when the process started before files that it reads then. */
  readonly outdated: string;
  readonly seconds: number;
}

/** Reloads where that is enough, else starts a new container beside the stopped old one, which is the way back. */
export function containerScript(options: ContainerScript): string {
  const { spec, port, hash, ready, loaded, outdated, seconds } = options;
  const { notReady, notStarted, noImage } = containerCodes;
  const inspect = `docker container inspect --format '{{index .Config.Labels "${specLabel}"}} {{.State.Running}} {{.Image}}' "$N"`;
  return [
    'exec 2>&1 </dev/null',
    // Whoever started this may be gone: it is brought to its end, or back, all the same.
    "trap '' PIPE",
    `N=${quote(spec.name)}`,
    `I=$(docker image inspect --format '{{.Id}}' ${quote(spec.image)} 2>&1) || { echo "$I"; exit ${String(noImage)}; }`,
    `ready() { ( ${ready}\n) >/dev/null 2>&1; }`,
    `loaded() { ${loaded}\n}`,
    `running() { [ "$(docker container inspect --format '{{.State.Running}} {{.RestartCount}}' "$N" 2>/dev/null)" = "true 0" ]; }`,
    // Prints why it doesn't serve, and with what code to end.
    `serves() { end=$(( $(date +%s) + ${String(seconds)} )); said=`,
    '  until ready && loaded; do',
    `    if [ -n "$fresh" ] && ! running; then docker logs --tail 12 "$N"; return ${String(notStarted)}; fi`,
    `    if [ "$(date +%s)" -ge "$end" ]; then docker logs --tail 12 "$N"; return ${String(notReady)}; fi`,
    `    [ -n "$said" ] || echo "cloudops: waiting until ${spec.name} serves"; said=1; sleep 0.2`,
    '  done; }',
    `if [ "$(${inspect} 2>/dev/null)" = "${hash} true $I" ]; then`,
    `  if ${outdated}; then echo "cloudops: restarting ${spec.name}"; docker restart --time ${String(spec.stopSeconds)} "$N" >/dev/null; fi`,
    `  fresh=; loaded || ${hangUp('"$N"')}; serves; exit $?`,
    'fi',
    'fresh=1',
    `P=$(docker container inspect --format '{{.State.Pid}}' "$N" 2>/dev/null)`,
    portCheck(
      port,
      '[ "${P:-0}" != 0 ] && [ "$(readlink "/proc/$P/ns/pid")" = "$(readlink "/proc/$pid/ns/pid")" ]',
    ),
    `echo "cloudops: starting ${spec.name}"`,
    'if docker container inspect "$N" >/dev/null 2>&1; then',
    '  docker rm --force "$N-before" >/dev/null 2>&1',
    `  docker stop --time ${String(spec.stopSeconds)} "$N" >/dev/null && docker rename "$N" "$N-before" || exit 1`,
    'fi',
    `docker ${quoteAll(containerArguments(spec, hash))} >/dev/null; c=$?`,
    `if [ "$c" = 0 ]; then serves; c=$?; else c=${String(notStarted)}; fi`,
    'if [ "$c" != 0 ]; then',
    '  docker rm --force "$N" >/dev/null 2>&1',
    '  docker rename "$N-before" "$N" 2>/dev/null && docker start "$N" >/dev/null && echo "cloudops: the container of before runs again"',
    '  exit "$c"',
    'fi',
    'docker rm --force "$N-before" >/dev/null 2>&1',
    'exit 0',
  ].join('\n');
}
