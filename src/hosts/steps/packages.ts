import { CloudopsError } from '../../errors.js';
import type { Host } from '../host.js';
import { lastLines, progressTo, withoutProgress } from '../output.js';
import { quoteAll } from '../shell.js';
import type { Step } from '../step.js';
import { installScript, packageCodes, withDnf } from './package-script.js';

export interface PackagesOptions {
  /** The packages by their name; where the managers call them differently, by manager. */
  readonly names: readonly string[] | { readonly apt: readonly string[]; readonly dnf: readonly string[] };
  /** Milliseconds to wait while another process holds the package manager's lock; default 10 minutes. */
  readonly lockTimeoutMs?: number;
}

/** Packages of the distribution (apt or dnf), installed in any version, without recommended ones. */
export function packages({ names, lockTimeoutMs = 600_000 }: PackagesOptions): Step {
  const apt = 'apt' in names ? names.apt : names;
  const dnf = 'dnf' in names ? names.dnf : names;
  return {
    id: `packages ${apt.join(' ')}`,
    look: [
      'if command -v dpkg-query >/dev/null; then',
      `echo apt ${quoteAll(apt)}; dpkg-query -W -f '\${Package} \${db:Status-Status}\\n' ${quoteAll(apt)} 2>/dev/null`,
      'elif command -v rpm >/dev/null; then',
      `echo dnf ${quoteAll(dnf)}; rpm -q --qf '%{NAME} installed\\n' ${quoteAll(dnf)} 2>/dev/null`,
      'else echo none; fi',
    ].join('\n'),
    drift: driftOfPackages,
    apply: async (host, report) => {
      const onLine = progressTo(report);
      const text = installScript(apt, dnf, Math.ceil(lockTimeoutMs / 1000));
      const result = await host.exec(text, { onLine, timeoutMs: lockTimeoutMs + 900_000 });
      if (result.code === 0) return;
      const output = `${result.stdout}${result.stderr}`;
      throw notInstalled(host, result.code, output, output.includes(withDnf) ? dnf : apt);
    },
  };
}

function driftOfPackages(seen: string): string | undefined {
  const [first = '', ...rest] = seen.split('\n');
  const [manager, ...wanted] = first.split(' ');
  if (manager !== 'apt' && manager !== 'dnf') return 'neither apt nor dnf is there';
  const states = new Map(rest.map((line) => [line.split(' ')[0], line.split(' ')[1]]));
  const missing = wanted.filter((name) => name !== '' && states.get(name) !== 'installed');
  if (missing.length === 0) return undefined;
  return missing.map((name) => `${name} ${brokenState(states.get(name))}`).join(', ');
}

function brokenState(state: string | undefined): string {
  return state === undefined || state === 'not-installed' || state === 'config-files'
    ? 'not installed'
    : state;
}

function notInstalled(host: Host, code: number, output: string, names: readonly string[]): CloudopsError {
  const inImage = `have them in the image of a host that reaches no package sources: ${names.join(' ')}`;
  const why = `The host said: ${lastLines(withoutProgress(output), 6) || `exit code ${code}`}.`;
  const unknown =
    /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate|No match for argument: (\S+)/.exec(
      output,
    );
  if (code === packageCodes.locked)
    return new CloudopsError({
      code: 'PACKAGE_LOCK_HELD',
      what: `The package manager of ${host.name} is in use by another process, and stayed so.`,
      why: `Held by ${/^cloudops: waiting for the package lock, held by (.*)$/m.exec(output)?.[1] ?? 'an unknown process'}.`,
      fix: ['wait for that process to end (a new machine updates itself), then run the same command again'],
    });
  if (code === packageCodes.noManager)
    return new CloudopsError({
      code: 'HOST_OS_UNKNOWN',
      what: `Packages can't be installed on ${host.name}: it has neither apt nor dnf.`,
      fix: ['use a host with Amazon Linux 2023, Debian 12 or Ubuntu 22.04 or 24.04'],
    });
  if (unknown !== null)
    return new CloudopsError({
      code: 'PACKAGE_UNKNOWN',
      what: `The package ${unknown[1] ?? unknown[2] ?? unknown[3] ?? ''} isn't in the package sources of ${host.name}.`,
      why,
      fix: [
        'see whether the distribution and its sources are the expected ones, and whether they can be reached',
        inImage,
      ],
    });
  return new CloudopsError({
    code: 'PACKAGES_NOT_INSTALLED',
    what: `Packages can't be installed on ${host.name}.`,
    why,
    fix: [
      'see whether the host reaches its package sources and has disk space, then run the same command again',
      inImage,
    ],
  });
}
