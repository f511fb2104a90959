import type { Host } from '../host.js';
import { progressTo } from '../output.js';
import type { FileContent } from '../stage.js';
import type { Step } from '../step.js';
import { driftOfFiles, lookFile } from './file.js';
import { serviceFailed } from './service-errors.js';
import { serviceFiles, serviceScript, unchangedSince } from './service-script.js';
import { quote } from '../shell.js';

export interface ServiceOptions {
  /** Without `.service`. */
  readonly name: string;
  /** The whole unit file; left out when the unit comes with a package. */
  readonly unit?: string;
  /** Lines of a drop-in that overrides parts of the unit, e.g. `[Service]\nExecStart=\nExecStart=/...`. */
  readonly dropIn?: string;
  /** Variables for the process. Anyone on the host can read them: no secrets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files whose content the running process must have started with. */
  readonly restartOn: readonly string[];
  /** Files for which a reload is enough; the unit must have ExecReload. */
  readonly reload?: readonly string[];
  /** Where it listens: nothing is touched while another process has that port. */
  readonly port?: number;
  /** Shell that exits 0 when the service serves. */
  readonly ready?: string;
  /** Milliseconds to wait for `ready`; default 60 000. */
  readonly readyTimeoutMs?: number;
}

/**
 * A systemd service that is enabled, runs, serves, and runs with the present content of its unit and files. What it
 * started with is recorded by systemd itself at each start (an ExecStartPre in a drop-in), whoever caused it: so a
 * crash of ours between writing a file and restarting is seen by the next run, and a crash of the service isn't drift.
 */
export function service(options: ServiceOptions): Step {
  const own = serviceFiles(options);
  const timeoutMs = options.readyTimeoutMs ?? 60_000;
  return {
    id: `service ${options.name}`,
    look: lookService(options, own),
    drift: (seen) => driftOfService(own, seen),
    apply: async (host: Host, report) => {
      const script = serviceScript(options, own, Math.ceil(timeoutMs / 1000));
      const onLine = progressTo(report);
      const exec = { stdin: script.stdin, onLine, timeoutMs: timeoutMs + 300_000 };
      const result = await host.exec(script.text, exec);
      if (result.code !== 0)
        throw serviceFailed(host, options, result.code, `${result.stdout}${result.stderr}`);
    },
    files: own,
  };
}

function lookService(options: ServiceOptions, own: readonly FileContent[]): string {
  const { name, restartOn, reload = [], ready } = options;
  const units = own.map(({ path }) => path);
  return [
    ...own.map(({ path }) => lookFile(path)),
    `systemctl show -p LoadState -p ActiveState -p UnitFileState -p NeedDaemonReload ${quote(`${name}.service`)}`,
    `echo "Restart=$(${unchangedSince(name, 'started', [...units, ...restartOn])})"`,
    reload.length === 0 ? '' : `echo "Reload=$(${unchangedSince(name, 'loaded', reload)})"`,
    ready === undefined
      ? ''
      : `if ( ${ready}\n) >/dev/null 2>&1; then echo Ready=yes; else echo Ready=no; fi`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function driftOfService(own: readonly FileContent[], seen: string): string | undefined {
  const lines = seen.split('\n');
  const state = new Map(lines.slice(own.length).map((line) => splitAt(line)));
  const details: string[] = [];
  const unit = driftOfFiles(own, lines);
  if (unit !== undefined) details.push(own.length === 1 ? `unit: ${unit}` : unit);
  const load = state.get('LoadState');
  if (load !== 'loaded') return [...details, `unit is ${load ?? 'unknown'}`].join('; ');
  if (!/^(enabled|static|indirect|generated)/.test(state.get('UnitFileState') ?? ''))
    details.push(`is ${state.get('UnitFileState') || 'not enabled'}`);
  if (state.get('ActiveState') !== 'active') details.push(`is ${state.get('ActiveState') ?? 'unknown'}`);
  else {
    if (state.get('NeedDaemonReload') === 'yes') details.push('its unit changed since systemd read it');
    if (state.get('Restart') !== '') details.push(`runs with an older ${state.get('Restart') ?? 'state'}`);
    if ((state.get('Reload') ?? '') !== '')
      details.push(`has not loaded the present ${state.get('Reload') ?? ''}`);
    if (state.get('Ready') === 'no') details.push('does not serve yet');
  }
  return details.length === 0 ? undefined : details.join('; ');
}

function splitAt(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
