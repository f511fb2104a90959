import { setTimeout as sleep } from 'node:timers/promises';
import { CloudopsError } from '../errors.js';
import type { ExecOptions, ExecResult, Host } from './host.js';
import { lastLines } from './output.js';
import { putFile } from './put.js';

export interface Readiness {
  /** Told what is waited for, a line each. */
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds to wait for cloud-init. */
  readonly limitMs: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Where cloud-init keeps what it is at. */
  readonly directory?: string;
}

const busy = 'cloudops: cloud-init is at work';

/**
 * The same host, whose scripts wait for the end of its first boot: package managers and users are cloud-init's until
 * then. Costs nothing where that is over, or where there is no cloud-init: the first script itself looks.
 */
export function afterFirstBoot(host: Host, readiness: Readiness): Host {
  const directory = readiness.directory ?? '/run/cloud-init';
  const guard = `if [ -e ${directory}/enabled ] && [ ! -e ${directory}/result.json ]; then echo '${busy}'; exit 0; fi`;
  let ready = false;
  let waiting: Promise<void> | undefined;
  const guarded = async (script: string, options: ExecOptions): Promise<ExecResult> => {
    const held = heldBack(options);
    const result = await host.exec(`${guard}\n${script}`, held.options);
    if (!result.stdout.startsWith(busy)) return result;
    waiting ??= awaitCloudInit(host, directory, readiness);
    await waiting;
    return host.exec(script, options);
  };
  const exec: Host['exec'] = async (script, options = {}) => {
    const result = await (ready ? host.exec(script, options) : guarded(script, options));
    ready = true;
    return result;
  };
  const put: Host['put'] = (content, path, options) =>
    putFile({ name: host.name, exec }, content, path, options);
  return { ...host, exec, put };
}

/** The guard's own line is for nobody. */
function heldBack(options: ExecOptions): { readonly options: ExecOptions } {
  const { onLine } = options;
  if (onLine === undefined) return { options };
  return { options: { ...options, onLine: (line) => (line === busy ? undefined : onLine(line)) } };
}

const look = (directory: string): string => `
if [ -e ${directory}/result.json ]; then echo done; exit 0; fi
cloud-init status --long 2>/dev/null || systemctl show -p SubState --value cloud-final 2>/dev/null
echo "last: $(tail -n 1 /var/log/cloud-init-output.log 2>/dev/null)"`;

async function awaitCloudInit(
  host: Host,
  directory: string,
  { report, signal, limitMs, everyMs }: Readiness,
): Promise<void> {
  const end = Date.now() + limitMs;
  for (let said = ''; ;) {
    const { stdout } = await host.exec(look(directory), { signal });
    const status = /^(?:extended_)?status: (.*)$/m.exec(stdout)?.[1] ?? stdout.split('\n')[0] ?? '';
    // An error, or a degraded end (exit code 2), is an end too: the steps see what is missing.
    if (/^(done|degraded|disabled|error)/.test(status)) return;
    if (said !== status) report(`waiting for cloud-init: ${status}`);
    said = status;
    if (Date.now() > end) throw neverReady(host, limitMs, stdout);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

function neverReady(host: Host, limitMs: number, seen: string): CloudopsError {
  return new CloudopsError({
    code: 'HOST_FIRST_BOOT_UNFINISHED',
    what: `The first boot of ${host.name} is not over after ${Math.round(limitMs / 1000)} s: cloud-init still works.`,
    why: `It says: ${lastLines(seen, 6)}.`,
    fix: [
      "see what it waits for: 'cloud-init status --long' and /var/log/cloud-init-output.log on the host",
      'then run the same command again',
    ],
  });
}
