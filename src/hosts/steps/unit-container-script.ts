import { createHash } from 'node:crypto';
import { quote, quoteAll } from '../shell.js';
import { directoryOf, stageScript, type FileContent } from '../stage.js';
import { containerCodes, logOptions, specLabel } from './container-script.js';
import { portCheck } from './port.js';
import type { UnitContainerOptions } from './unit-container.js';

/** Processes and threads that such a container may have. */
const pidsLimit = 2048;

/** The image that ran before the one of this container: it is kept for a way back, the one before it goes. */
const previousLabel = 'cloudops.previous';

/** Where the unit of before stands while a new container is on trial. */
export const backupOf = (name: string): string => `/var/lib/cloudops/before/${name}`;

export interface UnitContainerScript extends UnitContainerOptions {
  readonly hash: string;
  readonly own: readonly FileContent[];
  readonly seconds: number;
}

/** Arguments of `docker create`. Systemd restarts it, so Docker must not. */
export function createArguments(options: UnitContainerOptions, hash: string): readonly string[] {
  const { spec, environmentFile } = options;
  return [
    ...['--label', `${specLabel}=${hash}`, '--pull', 'never'],
    ...['--publish', `${String(spec.port)}:${String(spec.containerPort)}`],
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...['--memory', String(spec.memory), '--pids-limit', String(pidsLimit)],
    ...['--stop-timeout', String(spec.stopSeconds), '--log-driver', 'json-file'],
    ...Object.entries(logOptions).flatMap(([key, value]) => ['--log-opt', `${key}=${value}`]),
    ...Object.entries(spec.environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...(environmentFile === undefined ? [] : ['--env-file', environmentFile.path]),
    spec.image,
  ];
}

/**
 * Starts what is there where that is enough. Else the new container is made beside the old one, which runs on until
 * then; the old one and its unit are put aside, and come back when the new one doesn't serve. Whatever a cut-off left
 * aside is what worked last, and stays the way back.
 */
export function unitContainerScript(options: UnitContainerScript): { text: string; stdin: Uint8Array } {
  const { spec, own } = options;
  const writes = own.map((file) => stageScript(directoryOf(file.path), [file]));
  const unit = `/etc/systemd/system/${spec.name}.service`;
  const text = [
    'exec 2>&1; umask 022',
    `N=${quote(spec.name)}; U="$N.service"; F=${quote(unit)}; B=${quote(backupOf(spec.name))}`,
    // A script goes on after its connection broke: the next run waits for it.
    'mkdir -p /run/cloudops; exec 9>"/run/cloudops/$N.lock"',
    `if command -v flock >/dev/null && ! flock -w ${String(options.seconds + spec.stopSeconds + 60)} 9; then echo "an earlier run still works on it"; exit 1; fi`,
    ...functions(options),
    ...ifUnchanged(options),
    portCheck(spec.port, ours(spec)),
    'docker rm --force "$N-next" >/dev/null 2>&1 </dev/null',
    `docker create --name "$N-next" --label "${previousLabel}=$(predecessor)" ${quoteAll(createArguments(options, options.hash))} >/dev/null </dev/null || exit ${String(containerCodes.notStarted)}`,
    'if [ ! -d "$B" ]; then',
    '  rm -rf "$B.new" && mkdir -p "$B.new" || exit 1',
    '  [ ! -f "$F" ] || cp -p "$F" "$B.new/unit" || exit 1',
    '  [ ! -d "$F.d" ] || cp -a "$F.d" "$B.new/unit.d" || exit 1',
    '  ! systemctl is-active --quiet "$U" || : >"$B.new/active"',
    '  mv -T "$B.new" "$B" || exit 1',
    'fi',
    // From here on it comes to an end, by itself if need be: with the new one, or with the old one back.
    'echo "cloudops: starting $N"',
    "trap '' HUP INT PIPE TERM",
    'systemctl stop "$U" 2>/dev/null',
    `if there "$N"; then docker stop --time ${String(spec.stopSeconds)} "$N" >/dev/null; if there "$N-before"; then docker rm --force "$N" >/dev/null; else docker rename "$N" "$N-before"; fi; fi`,
    'begin() {',
    '  docker rename "$N-next" "$N" && mkdir -p "$F.d" || return 1',
    ...writes.map((one) => `  ( ${one.text}\n) || return 1`),
    '  rm -f "/run/cloudops/$N.started"; systemctl daemon-reload',
    '  systemctl enable --quiet "$U" && systemctl reset-failed "$U"; systemctl start "$U"',
    '}',
    `if begin; then serves; c=$?; else c=${String(containerCodes.notStarted)}; fi`,
    'if [ "$c" != 0 ]; then back; exit "$c"; fi',
    ...settle(options),
    'exit 0',
  ].join('\n');
  return { text, stdin: Buffer.concat(writes.map(({ stdin }) => stdin)) };
}

/** What the unit runs, or Docker's listener for the container. */
function ours({ name, port }: UnitContainerScript['spec']): string {
  const published = `docker port "$N" 2>/dev/null </dev/null | grep -q ':${String(port)}$'`;
  return `grep -q '/${name}[.]service' "/proc/$pid/cgroup" || { [ "$(cat "/proc/$pid/comm")" = docker-proxy ] && ${published}; }`;
}

function functions({ ready, seconds }: UnitContainerScript): readonly string[] {
  const { notReady, notStarted } = containerCodes;
  const restarts = 'systemctl show -p NRestarts --value "$U"';
  return [
    'there() { docker container inspect "$1" >/dev/null 2>&1 </dev/null; }',
    `image_of() { docker container inspect --format '{{.Image}}' "$1" 2>/dev/null </dev/null; }`,
    // What a container of another image leaves behind; with the same image, what that one had.
    'predecessor() { w=$N; ! there "$N-before" || w="$N-before"; a=$(image_of "$w")',
    `  if [ "$a" = "$I" ]; then docker container inspect --format '{{index .Config.Labels "${previousLabel}"}}' "$w" </dev/null; else echo "$a"; fi; }`,
    `ready() { ( ${ready}\n) >/dev/null 2>&1 </dev/null; }`,
    `running() { [ "$(docker container inspect --format '{{.State.Running}}' "$N" 2>/dev/null </dev/null)" = true ]; }`,
    'why() {',
    '  systemctl show -p ActiveState -p Result -p NRestarts "$U" | tr "\\n" " "; echo',
    '  l=$(docker logs --tail 12 "$N" 2>&1 </dev/null); [ -n "$l" ] || l=$(journalctl -u "$U" -n 6 --no-pager -o cat 2>/dev/null)',
    '  printf "%s\\n" "$l"',
    '}',
    `serves() { end=$(( $(date +%s) + ${String(seconds)} )); said=; first=$(${restarts})`,
    '  until running && ready; do',
    // Some applications end a few times until what they need is there.
    `    if [ "$(( $(${restarts}) - first ))" -ge 3 ]; then why; return ${String(notStarted)}; fi`,
    `    if [ "$(date +%s)" -ge "$end" ]; then why; return ${String(notReady)}; fi`,
    '    [ -n "$said" ] || echo "cloudops: waiting until $N serves"; said=1; sleep 0.3',
    '  done; }',
    'back() {',
    '  systemctl stop "$U" 2>/dev/null; docker rm --force "$N" >/dev/null 2>&1 </dev/null',
    '  docker rename "$N-before" "$N" 2>/dev/null </dev/null',
    '  if [ -f "$B/unit" ]; then cp -p "$B/unit" "$F"; else systemctl disable --quiet "$U"; rm -f "$F"; fi',
    '  rm -rf "$F.d"; [ ! -d "$B/unit.d" ] || cp -a "$B/unit.d" "$F.d"',
    '  systemctl daemon-reload; systemctl reset-failed "$U" 2>/dev/null',
    '  if [ -e "$B/active" ] && systemctl start "$U" && sleep 2 && systemctl is-active --quiet "$U"; then',
    '    echo "cloudops: what ran before runs again"',
    '  elif [ -e "$B/active" ]; then echo "cloudops: what ran before did not come back either"; fi',
    '  rm -rf "$B"',
    '}',
  ];
}

/** The right container is there, and nobody's trial was cut off: it is started where it doesn't run. */
function ifUnchanged({ spec, hash, own }: UnitContainerScript): readonly string[] {
  const sums = own.map(
    ({ path, content }) => `${createHash('sha256').update(content).digest('hex')}  ${path}`,
  );
  return [
    `I=$(docker image inspect --format '{{.Id}}' ${quote(spec.image)} 2>&1 </dev/null) || { echo "$I"; exit ${String(containerCodes.noImage)}; }`,
    `S=$(docker container inspect --format '{{index .Config.Labels "${specLabel}"}} {{.Image}}' "$N" 2>/dev/null </dev/null)`,
    `if [ "$S" = "${hash} $I" ] && [ ! -e "$B" ] && ! there "$N-before" && printf '%s\\n' ${quoteAll(sums)} | sha256sum -c --status 2>/dev/null; then`,
    '  systemctl daemon-reload; systemctl enable --quiet "$U"',
    '  systemctl is-active --quiet "$U" || { echo "cloudops: starting $N"; systemctl reset-failed "$U" 2>/dev/null; systemctl start "$U"; }',
    '  serves; exit $?',
    'fi',
  ];
}

/** It serves: the old one isn't needed any more, nor its image's predecessor. */
function settle({ obsolete = [] }: UnitContainerScript): readonly string[] {
  return [
    `P=$(docker container inspect --format '{{index .Config.Labels "${previousLabel}"}}' "$N-before" 2>/dev/null </dev/null)`,
    'A=$(image_of "$N-before")',
    'docker rm --force "$N-before" >/dev/null 2>&1 </dev/null',
    '[ -z "$P" ] || [ "$P" = "$I" ] || [ "$A" = "$I" ] || docker image rm "$P" >/dev/null 2>&1 </dev/null',
    ...(obsolete.length === 0 ? [] : [`rm -rf ${quoteAll(obsolete)}`]),
    'rm -rf "$B"',
  ];
}
