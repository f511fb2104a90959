import { CloudopsError } from '../../errors.js';
import type { Host } from '../host.js';
import { lastLines, withoutProgress } from '../output.js';
import { stageCodes } from '../stage.js';
import { portIsTaken, portTaken } from './port.js';
import { serviceCodes } from './service-script.js';
import type { ServiceOptions } from './service.js';

const failures: Readonly<Record<number, { readonly code: string; readonly what: string }>> = {
  [serviceCodes.badUnit]: { code: 'SERVICE_UNIT_BAD', what: 'has a unit file that systemd refuses' },
  [serviceCodes.notEnabled]: { code: 'SERVICE_NOT_ENABLED', what: 'could not be enabled' },
  [serviceCodes.notStarted]: { code: 'SERVICE_NOT_STARTED', what: 'did not start' },
  [serviceCodes.notReloaded]: {
    code: 'SERVICE_NOT_RELOADED',
    what: 'refused to reload; it goes on with what it had',
  },
  [serviceCodes.notReady]: { code: 'SERVICE_NOT_READY', what: 'runs, but did not serve in time' },
  [stageCodes.noParent]: {
    code: 'SERVICE_NOT_WRITTEN',
    what: 'has no directory for its unit: is systemd there?',
  },
};

/** Why a service isn't as wanted, with systemd's state and the journal's last lines. */
export function serviceFailed(
  host: Host,
  { name, port }: Pick<ServiceOptions, 'name' | 'port'>,
  code: number,
  output: string,
): CloudopsError {
  if (code === portTaken && port !== undefined) return portIsTaken(host, name, port, output);
  const { code: stable, what } = failures[code] ?? {
    code: 'SERVICE_NOT_WRITTEN',
    what: 'could not be set up',
  };
  return new CloudopsError({
    code: stable,
    what: `The service ${name} on ${host.name} ${what}.`,
    why: `systemd and the journal say: ${lastLines(withoutProgress(output), 14) || `exit code ${code}`}.`,
    fix: [
      `see 'systemctl status ${name}' and 'journalctl -u ${name}' on the host, then run the same command again`,
    ],
  });
}
