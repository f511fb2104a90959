import { quote, quoteAll } from '../shell.js';
import { stageScript, type FileContent } from '../stage.js';
import { portCheck } from './port.js';
import type { ServiceOptions } from './service.js';

/** Exit codes of the script below. */
export const serviceCodes = {
  badUnit: 81,
  notEnabled: 82,
  notStarted: 83,
  notReloaded: 84,
  notReady: 85,
} as const;

/** Where systemd notes, at each start, what a service started with. Gone after a reboot, like the process itself. */
const notes = '/run/cloudops';

/**
 * The files that make a service: its unit, and a drop-in with our lines and the note-taking ExecStartPre. The list of
 * files to note stands in a script of its own, so that a longer list isn't a changed unit.
 */
export function serviceFiles(options: ServiceOptions): readonly FileContent[] {
  const { name, unit, dropIn = '', environment = {} } = options;
  const variables = Object.entries(environment).map(
    ([key, value]) => `Environment="${`${key}=${value}`.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`,
  );
  const text = [
    '# Written by cloudops.',
    ...(dropIn.trim() === '' ? [] : [dropIn.trim()]),
    '[Service]',
    ...variables,
    `ExecStartPre=-+/bin/sh /var/lib/cloudops/services/${name}.sh`,
    '',
  ].join('\n');
  const directory = `/etc/systemd/system/${name}.service.d`;
  return [
    ...(unit === undefined ? [] : [{ path: `/etc/systemd/system/${name}.service`, content: unit }]),
    { path: `${directory}/50-cloudops.conf`, content: text },
  ];
}

/** Shell that prints which of the paths have another content than was noted; nothing when none has. */
export function unchangedSince(name: string, note: 'started' | 'loaded', paths: readonly string[]): string {
  const noted = quote(`${notes}/${name}.${note}`);
  const differing = `d=$(sha256sum -- ${quoteAll(paths)} 2>&1 | grep -vxF -f ${noted})`;
  const names = `[ -z "$d" ] || printf '%s\\n' "$d" | sed 's/^[0-9a-f]* [ *]//' | tr '\\n' ' ' | sed 's/ $//'`;
  return `if [ -f ${noted} ]; then ${differing}; ${names}; else echo state; fi`;
}

/** Writes the service's files and makes it run with them: restart or reload only where what it runs with is older. */
export function serviceScript(
  options: ServiceOptions,
  own: readonly FileContent[],
  readySeconds: number,
): { readonly text: string; readonly stdin: Uint8Array } {
  const { name, port, restartOn, reload = [], ready } = options;
  const unit = quote(`${name}.service`);
  const started = unchangedSince(name, 'started', [...own.map(({ path }) => path), ...restartOn]);
  const helper = noteScript(name, own, restartOn, reload);
  const writes = [helper, ...own].map((file) => writeOne(file));
  const text = [
    ...(port === undefined ? [] : [portCheck(port, `grep -q '/${name}[.]service' "/proc/$pid/cgroup"`)]),
    `umask 022; mkdir -p /var/lib/cloudops/services ${notes} ${quote(`/etc/systemd/system/${name}.service.d`)}`,
    ...writes.map((one) => one.text),
    // Without its note a service counts as started with something older: a crash from here on heals.
    `old=$(${started}); [ -z "$old" ] || rm -f ${quote(`${notes}/${name}.started`)}`,
    'systemctl daemon-reload',
    `[ "$(systemctl show -p LoadState --value ${unit})" = loaded ] || { systemctl show -p LoadState -p LoadError ${unit}; exit ${serviceCodes.badUnit}; }`,
    `systemctl enable --quiet ${unit} || exit ${serviceCodes.notEnabled}`,
    `if [ -n "$old" ] || ! systemctl is-active --quiet ${unit}; then`,
    `  echo "cloudops: starting ${name}"; systemctl reset-failed ${unit} 2>/dev/null`,
    `  systemctl restart ${unit} || { diagnose; exit ${serviceCodes.notStarted}; }`,
    ...(reload.length === 0 ? [] : reloadLines(name, unit, reload)),
    'fi',
    ...(ready === undefined ? [] : readyLines(name, unit, ready, readySeconds)),
  ].join('\n');
  return {
    text: `${diagnose(unit)}\n${text}\nexit 0`,
    stdin: Buffer.concat(writes.map(({ stdin }) => stdin)),
  };
}

function noteScript(
  name: string,
  own: readonly FileContent[],
  restartOn: readonly string[],
  reload: readonly string[],
): FileContent {
  const started = quoteAll([...own.map(({ path }) => path), ...restartOn]);
  const lines = [
    '# Run by systemd before each start: what the service starts with. Written by cloudops.',
    `export LC_ALL=C; mkdir -p ${notes}`,
    `sha256sum -- ${started} >${notes}/${name}.started 2>&1`,
    reload.length === 0 ? '' : `sha256sum -- ${quoteAll(reload)} >${notes}/${name}.loaded 2>&1`,
    'true',
  ];
  return { path: `/var/lib/cloudops/services/${name}.sh`, content: `${lines.join('\n')}\n` };
}

function writeOne(file: FileContent): { text: string; stdin: Uint8Array } {
  const { text, stdin } = stageScript(file.path.slice(0, file.path.lastIndexOf('/')), [file]);
  return { text: `( ${text}\n) || exit $?`, stdin };
}

function reloadLines(name: string, unit: string, reload: readonly string[]): string[] {
  const note = quote(`${notes}/${name}.loaded`);
  return [
    `elif [ -n "$(${unchangedSince(name, 'loaded', reload)})" ]; then`,
    `  echo "cloudops: reloading ${name}"`,
    `  now=$(sha256sum -- ${quoteAll(reload)} 2>&1)`,
    `  systemctl reload ${unit} || { diagnose; exit ${serviceCodes.notReloaded}; }`,
    `  printf '%s\\n' "$now" >${note}`,
  ];
}

function readyLines(name: string, unit: string, ready: string, seconds: number): string[] {
  return [
    `ready() { ( ${ready}\n) >/dev/null 2>&1 </dev/null; }`,
    `restarts() { systemctl show -p NRestarts --value ${unit}; }`,
    'end=$(( $(date +%s) + ' + String(seconds) + ' )); said=; before=$(restarts)',
    'until ready; do',
    `  if [ "$(date +%s)" -ge "$end" ]; then diagnose; exit ${serviceCodes.notReady}; fi`,
    // It ends again and again: waiting longer shows nothing new.
    `  if [ "$(( $(restarts) - before ))" -ge 5 ] || systemctl is-failed --quiet ${unit}; then diagnose; exit ${serviceCodes.notStarted}; fi`,
    `  [ -n "$said" ] || echo "cloudops: waiting until ${name} serves"; said=1; sleep 0.2`,
    'done',
  ];
}

function diagnose(unit: string): string {
  return [
    'diagnose() {',
    `  systemctl show -p ActiveState -p SubState -p Result -p ExecMainStatus ${unit} | tr '\\n' ' '; echo`,
    `  journalctl -u ${unit} -n 12 --no-pager -o cat 2>/dev/null`,
    '}',
  ].join('\n');
}
