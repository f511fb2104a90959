import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { quote } from '../hosts/shell.js';
import { skippedPath } from './facts.js';
import { release, type Release } from './releases.js';
import type { RoleInput } from './roles/role.js';

/** How long a reason to leave Grafana out is believed without a new try. */
const believedSeconds = 600;

/**
 * Why Grafana is left out on a host of the sandbox, or undefined when its release can be reached. Asks the host only
 * where nothing is installed and the last answer is old; `touch` false writes nothing.
 */
export async function grafanaLeftOut(
  host: Host,
  { facts, model, bundle, runtime }: Pick<RoleInput, 'facts' | 'model' | 'bundle' | 'runtime'>,
  touch: boolean,
): Promise<string | undefined> {
  const arch = facts.arch ?? 'amd64';
  if (bundle !== undefined) {
    const held = runtime === 'docker' ? bundle.image('grafana', arch) : bundle.archive('grafana', arch);
    if (held !== undefined) return undefined;
    const missing = `the bundle ${bundle.directory} doesn't hold it`;
    if (touch) await leaveOut(host, missing);
    return missing;
  }
  if (runtime === 'native' && facts.grafanaInstalled) return undefined;
  const before = facts.grafanaSkipped;
  if (before !== undefined && before.secondsAgo < believedSeconds) return before.reason;
  // Whether an image can be pulled shows when it is pulled.
  if (runtime === 'docker') return undefined;
  const wanted = release(model.config, 'grafana', arch);
  const seconds = before === undefined ? 4 : 1;
  const { code, stderr } = await host.exec(
    `curl -fsSL -o /dev/null --connect-timeout ${String(seconds)} --max-time ${String(seconds)} ${quote(wanted.checksumUrl)}`,
  );
  if (code === 0) return undefined;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const reason = `its release can't be fetched from ${wanted.url} (${said === '' ? `curl ended with ${String(code)}` : said})`;
  if (touch) await leaveOut(host, reason);
  return reason;
}

/** Writes the reason where `dashboards upload` and `verify` look for it. */
export async function leaveOut(host: Host, reason: string): Promise<void> {
  await host.exec('mkdir -p /etc/cloudops');
  await host.put(`${reason.replaceAll('\n', ' ')}\n`, skippedPath);
}

/** The error where Grafana may not be left out. */
export function grafanaUnavailable(
  host: Host,
  { version, url }: Release,
  cause: CloudopsError,
): CloudopsError {
  return new CloudopsError({
    code: 'GRAFANA_UNAVAILABLE',
    what: `Grafana ${version} can't be installed on ${host.name}: ${host.name} can't fetch its release.`,
    why: cause.why,
    fix: [
      `see whether the host reaches ${url} (route, proxy, firewall)`,
      "name a mirror of the archives or images in the config ('artifacts.mirror', 'artifacts.registry')",
      "or give a bundle: '--bundle DIR'",
      "or go on without it: '--no-grafana'",
    ],
    cause,
  });
}
