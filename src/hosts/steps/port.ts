import { CloudopsError } from '../../errors.js';
import type { Host } from '../host.js';

/** Exit code of the shell below when another process has the port. */
export const portTaken = 97;

const said = 'cloudops-port: ';

/**
 * Shell that ends with `portTaken`, and says who, when a process that is none of ours listens at the port. `ours`:
 * shell that exits 0 for a process of ours, whose id is in `$pid`. Where the host has no ss, nobody is seen.
 */
export function portCheck(port: number, ours: string): string {
  return [
    `for pid in $(ss -Hltnp 'sport = :${String(port)}' 2>/dev/null | grep -o 'pid=[0-9]*' | cut -d = -f 2 | sort -u); do`,
    `  if ${ours}; then continue; fi`,
    `  echo "${said}$(cat "/proc/$pid/comm" 2>/dev/null) (process $pid$(sed -n 's|.*/\\([^/]*[.]service\\)$|, \\1|p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1))"`,
    `  exit ${String(portTaken)}`,
    'done',
  ].join('\n');
}

/** Why a service or container was left as it is; `output` is that of the script with the check. */
export function portIsTaken(host: Host, name: string, port: number, output: string): CloudopsError {
  const holder = output.split('\n').find((line) => line.startsWith(said)) ?? '';
  return new CloudopsError({
    code: 'PORT_TAKEN',
    what: `Port ${String(port)} on ${host.name}, which ${name} is to have, is taken by ${holder.slice(said.length)}.`,
    why: 'That process is none of ours; it was left alone, and so was what ran before.',
    fix: [
      "end it if nobody needs it ('systemctl disable --now NAME'), or choose another port in the config ('monitoring.*.port', 'application.port')",
      'then run the same command again',
    ],
  });
}
