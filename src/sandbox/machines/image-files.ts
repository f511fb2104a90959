import { createHash } from 'node:crypto';

/** What a machine has before anything is configured on it, roughly a cloud image's share. */
export const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'sudo',
  'ca-certificates',
  'curl',
  'python3',
  'iproute2',
  'procps',
  'netbase',
  'xz-utils',
] as const;

const DOCKERFILE = `ARG BASE
FROM \${BASE}
COPY root/ /
RUN sh /usr/local/lib/cloudops/setup.sh
STOPSIGNAL SIGRTMIN+3
CMD ["/usr/local/lib/cloudops/init"]
`;

/** Makes the base a machine: user, units, no host keys, no identity. Packages only where the base lacks them. */
const SETUP = `set -eu
export DEBIAN_FRONTEND=noninteractive
chmod 755 /usr/local/lib/cloudops/init /usr/local/lib/cloudops/first-boot /usr/local/lib/cloudops/user-data
if [ -e /etc/apt/sources.list.d/cloudops.sources ]; then
  for other in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ "$other" = /etc/apt/sources.list.d/cloudops.sources ] || rm -f "$other"
  done
fi
rm -f /usr/sbin/policy-rc.d
mkdir -p /var/lib/cloudops
if ! dpkg --status ${PACKAGES.join(' ')} >/dev/null 2>&1; then
  apt-get update -q
  apt-get install -y -q --no-install-recommends ${PACKAGES.join(' ')}
  apt-get clean
fi
update-ca-certificates
useradd --create-home --shell /bin/bash --password '*' ec2-user
echo 'ec2-user ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/90-cloud-init-users
chmod 440 /etc/sudoers.d/90-cloud-init-users
rm -f /etc/ssh/ssh_host_*
: > /etc/machine-id
systemctl mask getty@.service console-getty.service apt-daily.timer apt-daily-upgrade.timer \\
  e2scrub_all.timer fstrim.timer dpkg-db-backup.timer systemd-resolved.service systemd-networkd.service
systemctl disable ssh.socket 2>/dev/null || true
systemctl enable ssh.service cloudops-first-boot.service cloudops-user-data.service
systemctl set-default multi-user.target
`;

/**
 * PID 1 before systemd: with cgroup v2 Docker mounts the (private) tree read-only, and systemd needs to write it.
 * With v1 systemd mounts a tree of its own.
 */
const INIT = `#!/bin/sh
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -o remount,bind,rw /sys/fs/cgroup || mount -o remount,rw /sys/fs/cgroup
fi
exec /sbin/init
`;

/** What cloud-init does before the first login. The image has no host keys: each machine makes its own. */
const FIRST_BOOT = `#!/bin/sh
set -eu
for type in ed25519 ecdsa; do
  [ -e /etc/ssh/ssh_host_\${type}_key ] || ssh-keygen -q -t $type -N '' -f /etc/ssh/ssh_host_\${type}_key
done
if [ -s /var/lib/cloudops/seed/authorized_keys ]; then
  install -d -m 700 -o ec2-user -g ec2-user /home/ec2-user/.ssh
  install -m 600 -o ec2-user -g ec2-user /var/lib/cloudops/seed/authorized_keys /home/ec2-user/.ssh/authorized_keys
fi
`;

/** Runs the instance's user data once, as root, output where cloud-init has it. Only scripts are understood. */
const USER_DATA = `#!/bin/sh
touch /var/lib/cloudops/user-data-ran
exec > /var/log/cloud-init-output.log 2>&1
case "$(head -c 2 /var/lib/cloudops/seed/user-data)" in
  '#!') ;;
  *) echo 'cloudops sandbox: user data that does not begin with #! is not run'; exit 0 ;;
esac
install -m 700 /var/lib/cloudops/seed/user-data /var/lib/cloudops/user-data
exec /var/lib/cloudops/user-data
`;

const FIRST_BOOT_UNIT = `[Unit]
Description=Host keys and the login key of this machine
Before=ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/cloudops/first-boot

[Install]
WantedBy=multi-user.target
`;

const USER_DATA_UNIT = `[Unit]
Description=User data of this machine
After=cloudops-first-boot.service ssh.service
ConditionPathExists=/var/lib/cloudops/seed/user-data
ConditionPathExists=!/var/lib/cloudops/user-data-ran

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=infinity
ExecStart=/usr/local/lib/cloudops/user-data

[Install]
WantedBy=multi-user.target
`;

/** Before sshd checks its config: without host keys that check fails. */
const SSH_DROP_IN = `[Unit]
Requires=cloudops-first-boot.service
After=cloudops-first-boot.service
`;

const SSHD_CONFIG = `HostKey /etc/ssh/ssh_host_ed25519_key
HostKey /etc/ssh/ssh_host_ecdsa_key
PasswordAuthentication no
PermitRootLogin no
UseDNS no
`;

/** What the machine's own set-up adds: where packages come from and who is trusted. */
export interface Surroundings {
  /** deb822 text; undefined where this machine isn't the image's distribution. */
  readonly sources: string | undefined;
  readonly aptSettings: readonly string[];
  readonly authorities: Readonly<Record<string, string>>;
}

/** The build context by path. */
export function imageFiles(surroundings: Surroundings): Readonly<Record<string, string>> {
  const { sources, aptSettings, authorities } = surroundings;
  const crt = Object.entries(authorities).map(([name, text]) => [
    `root/usr/local/share/ca-certificates/${name}`,
    text,
  ]);
  return {
    Dockerfile: DOCKERFILE,
    'root/usr/local/lib/cloudops/setup.sh': SETUP,
    'root/usr/local/lib/cloudops/init': INIT,
    'root/usr/local/lib/cloudops/first-boot': FIRST_BOOT,
    'root/usr/local/lib/cloudops/user-data': USER_DATA,
    'root/etc/systemd/system/cloudops-first-boot.service': FIRST_BOOT_UNIT,
    'root/etc/systemd/system/cloudops-user-data.service': USER_DATA_UNIT,
    'root/etc/systemd/system/ssh.service.d/cloudops.conf': SSH_DROP_IN,
    'root/etc/ssh/sshd_config.d/10-cloudops.conf': SSHD_CONFIG,
    'root/etc/apt/apt.conf.d/90cloudops': aptSettings.map((line) => `${line}\n`).join(''),
    ...(sources === undefined ? {} : { 'root/etc/apt/sources.list.d/cloudops.sources': sources }),
    ...(Object.fromEntries(crt) as Record<string, string>),
  };
}

/** Names an image by all that goes into it, so that a changed recipe is a new image. */
export function imageTag(files: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `cloudops-sandbox-machine:${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}
