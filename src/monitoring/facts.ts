import { CloudopsError } from '../errors.js';
import { factsScript, parseFacts, type HostFacts } from '../hosts/facts.js';
import { ask, type Glance } from '../hosts/glance.js';
import type { Host } from '../hosts/host.js';
import { prometheusPasswordPath } from './prometheus-login.js';

/** What the roles must know of a host before they can say what it should look like. */
export interface RoleFacts extends HostFacts {
  /** Bytes of the file system that holds Prometheus' data. */
  readonly diskBytes: number;
  readonly memoryBytes: number;
  /** Docker is on the host, whoever put it there. */
  readonly docker: boolean;
  /** Whether Grafana's release has been unpacked. */
  readonly grafanaInstalled: boolean;
  /** sha256 of the admin password that Grafana was started with; undefined when there is none. */
  readonly grafanaPassword: string | undefined;
  /** The same of the password that Prometheus asks for. */
  readonly prometheusPassword: string | undefined;
  /** Grafana was left out in an earlier run. */
  readonly grafanaSkipped: { readonly reason: string; readonly secondsAgo: number } | undefined;
}

/** Where the reason stands when Grafana was left out; read by `dashboards upload` and `verify`. */
export const skippedPath = '/etc/cloudops/grafana-skipped';

/** Grafana's admin password on the host, 0600. */
export const passwordPath = '/etc/grafana/admin-password';

const script = `${factsScript}
set -- $(df -B1 --output=size /var/lib 2>/dev/null)
echo "disk=$2"
read -r name kilobytes unit </proc/meminfo && [ "$name" = MemTotal: ] && echo "memory=$((kilobytes * 1024))"
command -v dockerd >/dev/null && echo docker=yes
[ -f /var/lib/cloudops/archives/grafana ] && echo grafana=yes
[ -s ${passwordPath} ] && echo "password=$(sha256sum <${passwordPath} | cut -c1-64)"
[ -s ${prometheusPasswordPath} ] && echo "prometheusPassword=$(sha256sum <${prometheusPasswordPath} | cut -c1-64)"
[ -f ${skippedPath} ] && echo "skipped=$(( $(date +%s) - $(stat -c %Y ${skippedPath}) )) $(head -n 1 ${skippedPath})"
true`;

/**
 * Asks a host, and takes looks along (see `ask`); one round trip. Rejects when the answer is cut off, and for a
 * system that we can't configure.
 */
export async function askRoleFacts(
  host: Host,
  looks?: string,
): Promise<{ readonly facts: RoleFacts; readonly glance: Glance | undefined }> {
  const { answer, glance } = await ask(host, script, looks);
  return { facts: supported(host.name, parseRoleFacts(answer)), glance };
}

/** Pure: what the script printed. */
export function parseRoleFacts(text: string): RoleFacts {
  const lines = text.split('\n');
  const value = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const [age, ...reason] = (value('skipped') ?? '').split(' ');
  const skipped =
    value('skipped') === undefined ? undefined : { secondsAgo: Number(age), reason: reason.join(' ') };
  return {
    ...parseFacts(text),
    diskBytes: Number(value('disk') ?? 0),
    memoryBytes: Number(value('memory') ?? 0),
    docker: value('docker') === 'yes',
    grafanaInstalled: value('grafana') === 'yes',
    grafanaPassword: value('password'),
    prometheusPassword: value('prometheusPassword'),
    grafanaSkipped: skipped,
  };
}

function supported(name: string, facts: RoleFacts): RoleFacts {
  const problem =
    facts.packageManager === undefined
      ? 'it has neither apt nor dnf'
      : !facts.systemd
        ? 'systemd is not its init'
        : facts.arch === undefined
          ? 'its processor is neither x86-64 nor arm64'
          : undefined;
  if (problem === undefined) return facts;
  throw new CloudopsError({
    code: 'HOST_OS_UNKNOWN',
    what: `${name} can't be configured: ${problem}.`,
    why: `It says it is '${facts.os || 'unknown'} ${facts.osVersion}'.`,
    fix: ['use Amazon Linux 2023, Debian 12, or Ubuntu 22.04 or 24.04'],
  });
}
