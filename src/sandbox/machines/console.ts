/** What AWS's console shows after a first boot: boot messages, then cloud-init's block of host keys. CRLF, as there. */
export function consoleText(bootLog: string, hostKeys: readonly string[]): string {
  if (hostKeys.length === 0) return '';
  const block = ['-----BEGIN SSH HOST KEY KEYS-----', ...hostKeys, '-----END SSH HOST KEY KEYS-----'];
  return [...bootLog.split('\n'), ...block, ''].map((line) => line.trimEnd()).join('\r\n');
}

/** Prints the host keys, a mark, and the end of this boot's log. */
export const CONSOLE_SCRIPT = `cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null
echo --
journalctl --boot --identifier=systemd --output=short-monotonic --no-pager --lines=100 2>/dev/null | grep -v 'compat systemd cgroup'
exit 0`;

/** Splits what CONSOLE_SCRIPT printed. */
export function readConsole(printed: string): { hostKeys: string[]; bootLog: string } {
  const [keys = '', ...log] = printed.split(/^--$/m);
  const hostKeys = keys.split('\n').filter((line) => /^(ssh|ecdsa|sk)-/.test(line));
  return { hostKeys, bootLog: log.join('--').trim() };
}
