import type { Host } from './host.js';

/** What a host says of itself. */
export interface HostFacts {
  /** `debian`, `ubuntu`, `amzn`, ... as os-release has it; empty when unknown. */
  readonly os: string;
  /** `12`, `24.04`, `2023`. */
  readonly osVersion: string;
  /** In the words of release downloads; undefined for any other processor. */
  readonly arch: 'amd64' | 'arm64' | undefined;
  readonly hostname: string;
  /** The IPv4 address it reaches others from. */
  readonly privateAddress: string | undefined;
  /** systemd runs as the first process. */
  readonly systemd: boolean;
  readonly packageManager: 'apt' | 'dnf' | undefined;
  /** Seconds since 1970 by its own clock, as it answered. */
  readonly clock?: number;
}

/** Read-only, and of few processes; each line `key=value`. The address is that of the default route's, else of the first real interface. */
export const factsScript = `
( . /etc/os-release 2>/dev/null; echo "os=$ID"; echo "osVersion=$VERSION_ID" )
set -- $(uname -nm)
echo "hostname=$1"
echo "arch=$2"
[ -d /run/systemd/system ] && echo systemd=yes
command -v apt-get >/dev/null && echo packageManager=apt
command -v dnf >/dev/null && echo packageManager=dnf
a=
set -- $(ip -4 -o route get 192.0.2.1 2>/dev/null)
while [ $# -gt 1 ]; do [ "$1" = src ] && a=$2; shift; done
[ -n "$a" ] || a=$(hostname -I 2>/dev/null | tr ' ' '\\n' | grep -m1 '^[0-9.]*$')
echo "privateAddress=$a"
echo "clock=$(date +%s)"
true`;

/** Asks a host; one round trip. */
export async function askFacts(host: Host): Promise<HostFacts> {
  return parseFacts((await host.exec(factsScript)).stdout);
}

/** Pure: what the script's output says. */
export function parseFacts(text: string): HostFacts {
  const values = new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()] as const;
    }),
  );
  const manager = values.get('packageManager');
  const address = values.get('privateAddress') ?? '';
  const clock = Number(values.get('clock'));
  return {
    os: values.get('os') ?? '',
    osVersion: values.get('osVersion') ?? '',
    arch: archOf(values.get('arch')),
    hostname: values.get('hostname') ?? '',
    privateAddress: /^\d+(\.\d+){3}$/.test(address) && !address.startsWith('127.') ? address : undefined,
    systemd: values.get('systemd') === 'yes',
    packageManager: manager === 'apt' || manager === 'dnf' ? manager : undefined,
    ...(clock > 0 && { clock }),
  };
}

/** More than this many seconds apart, and Prometheus drops samples or certificates aren't valid yet. */
const tolerated = 60;

/** What to warn of when a host's clock and ours (ms since 1970) differ; a question takes a few seconds at most. */
export function clockWarning(name: string, { clock }: HostFacts, now: number): string | undefined {
  const apart = clock === undefined ? 0 : Math.round(clock - now / 1000);
  if (Math.abs(apart) <= tolerated) return undefined;
  const way = apart < 0 ? 'behind' : 'ahead of';
  return `The clock of ${name} is ${Math.abs(apart)} s ${way} this machine's: one of them is wrong. Prometheus needs clocks that agree; see 'timedatectl' on the host.`;
}

function archOf(machine: string | undefined): HostFacts['arch'] {
  if (machine === 'x86_64') return 'amd64';
  return machine === 'aarch64' ? 'arm64' : undefined;
}
