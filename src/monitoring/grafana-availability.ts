import { CloudopsError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { quote } from '../hosts/shell.js';
import { skippedPath, type RoleFacts } from './facts.js';
import type { Release } from './releases.js';

/** How long a reason to leave Grafana out is believed without a new try. */
const believedSeconds = 600;

/**
 * Why Grafana is left out on a host of the sandbox, or undefined when its release can be reached. Asks the host only
 * where nothing is installed and the last answer is old; `touch` false writes nothing.
 */
export async function grafanaLeftOut(
  host: Host,
  facts: RoleFacts,
  release: Release,
  touch: boolean,
): Promise<string | undefined> {
  if (facts.grafanaInstalled) return undefined;
  const before = facts.grafanaSkipped;
  if (before !== undefined && before.secondsAgo < believedSeconds) return before.reason;
  const seconds = before === undefined ? 4 : 1;
  const { code, stderr } = await host.exec(
    `curl -fsSL -o /dev/null --connect-timeout ${String(seconds)} --max-time ${String(seconds)} ${quote(release.checksumUrl)}`,
  );
  if (code === 0) return undefined;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const reason = `its release can't be fetched from ${release.url} (${said === '' ? `curl ended with ${String(code)}` : said})`;
  if (touch) await leaveOut(host, reason);
  return reason;
}

/** Writes the reason where `dashboards upload` and `verify` look for it. */
export async function leaveOut(host: Host, reason: string): Promise<void> {
  await host.exec('mkdir -p /etc/cloudops');
  await host.put(`${reason.replaceAll('\n', ' ')}\n`, skippedPath);
}

/** The error where Grafana may not be left out. */
export function grafanaUnavailable(host: Host, release: Release, cause: CloudopsError): CloudopsError {
  return new CloudopsError({
    code: 'GRAFANA_UNAVAILABLE',
    what: `Grafana ${release.version} can't be installed on ${host.name}: ${host.name} can't fetch its release.`,
    why: cause.why,
    fix: [
      `see whether the host reaches ${release.url} (route, proxy, firewall)`,
      "name a mirror that has the archive and its '.sha256' in the config: 'artifacts.mirror'",
      "or go on without it: '--no-grafana'",
    ],
    cause,
  });
}
