import { quoteAll } from '../shell.js';

/** Exit codes of the script below, beyond those of the package managers. */
export const packageCodes = { locked: 74, noManager: 75 } as const;

/** What the script says when the host has dnf. */
export const withDnf = 'installing with dnf';

/** Who holds a lock, from /proc/locks: works without fuser or lsof. */
const lockHolder = `
holder() {
  for f in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
    [ -e "$f" ] || continue
    inode=$(stat -c %i "$f")
    while read -r number kind advice access pid place rest; do
      case $place in *:"$inode") echo "$pid $(tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-80)"; return 0 ;; esac
    done </proc/locks
  done
  return 1
}`;

/**
 * Installs with the host's package manager. Lines with `cloudops: ` in front are for the operator. Package lists are
 * fetched when they are over a day old, or when a package isn't in them.
 */
export function installScript(apt: readonly string[], dnf: readonly string[], lockSeconds: number): string {
  return [
    'exec 2>&1 </dev/null',
    'if command -v apt-get >/dev/null; then',
    lockHolder,
    aptScript(apt, lockSeconds),
    'elif command -v dnf >/dev/null; then',
    `echo "cloudops: ${withDnf}"`,
    `dnf install -y --setopt=install_weak_deps=False ${quoteAll(dnf)}`,
    `else exit ${packageCodes.noManager}; fi`,
  ].join('\n');
}

function aptScript(names: readonly string[], lockSeconds: number): string {
  return `
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1
unlocked() {
  waited=0
  while h=$(holder); do
    [ "$waited" -lt ${lockSeconds} ] || exit ${packageCodes.locked}
    [ $((waited % 5)) -ne 0 ] || echo "cloudops: waiting for the package lock, held by $h"
    sleep 1; waited=$((waited + 1))
  done
}
update() { unlocked; echo "cloudops: updating the package lists"; apt-get update -q -o DPkg::Lock::Timeout=60; }
install() {
  unlocked; echo "cloudops: installing packages"
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 ${quoteAll(names)}
}
unlocked
[ -z "$(dpkg --audit 2>/dev/null)" ] || { echo "cloudops: finishing an interrupted installation"; dpkg --configure -a --force-confold; }
fresh=
[ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin -1440 2>/dev/null | head -n 1)" ] && fresh=1
[ -n "$fresh" ] || update || exit 1
install || { [ -n "$fresh" ] && update && install; }`;
}
