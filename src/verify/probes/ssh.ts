import type { HostRecord } from '../../hosts/host.js';
import type { Probe } from '../probe.js';

/** We can log in and become root. `logIn` rejects with the error of `hosts/ssh.ts`, which says what was tried. */
export function ssh(
  record: HostRecord,
  logIn: () => Promise<{ exec(script: string): Promise<{ code: number; stdout: string }> }>,
): Probe {
  return {
    id: 'hosts.ssh',
    target: record.name,
    title: `SSH to ${record.name}`,
    async run() {
      const host = await logIn();
      const { code, stdout } = await host.exec('id -u');
      const uid = stdout.trim();
      if (code === 0 && uid === '0')
        return { status: 'pass', message: `logged in to ${record.address ?? record.name}` };
      return {
        status: 'fail',
        message: `logged in, but scripts run as user ${uid || 'unknown'}`,
        expected: 'root, by sudo without a password',
        hint: "Give the login user 'NOPASSWD: ALL' in /etc/sudoers.d on the host.",
      };
    },
  };
}
