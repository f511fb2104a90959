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
}

/** Read-only; each line `key=value`. The address is that of the default route's, else of the first real interface. */
export const factsScript = `
( . /etc/os-release 2>/dev/null; echo "os=$ID"; echo "osVersion=$VERSION_ID" )
echo "arch=$(uname -m)"
echo "hostname=$(uname -n)"
[ -d /run/systemd/system ] && echo systemd=yes
command -v apt-get >/dev/null && echo packageManager=apt
command -v dnf >/dev/null && echo packageManager=dnf
a=$(ip -4 -o route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p' | head -n 1)
[ -n "$a" ] || a=$(hostname -I 2>/dev/null | tr ' ' '\\n' | grep -m1 '^[0-9.]*$')
echo "privateAddress=$a"
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
  return {
    os: values.get('os') ?? '',
    osVersion: values.get('osVersion') ?? '',
    arch: archOf(values.get('arch')),
    hostname: values.get('hostname') ?? '',
    privateAddress: /^\d+(\.\d+){3}$/.test(address) && !address.startsWith('127.') ? address : undefined,
    systemd: values.get('systemd') === 'yes',
    packageManager: manager === 'apt' || manager === 'dnf' ? manager : undefined,
  };
}

function archOf(machine: string | undefined): HostFacts['arch'] {
  if (machine === 'x86_64') return 'amd64';
  return machine === 'aarch64' ? 'arm64' : undefined;
}
