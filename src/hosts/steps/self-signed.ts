import { isIP } from 'node:net';
import { CloudopsError } from '../../errors.js';
import { fill } from '../../templates.js';
import { lastLines } from '../output.js';
import { quote } from '../shell.js';
import { runScript, type Step, type StepScript } from '../step.js';
import { driftOfRights } from './file.js';

export interface SelfSignedOptions {
  /** Absolute; both in one directory, which must exist. */
  readonly certificate: string;
  readonly key: string;
  /** Who may read the key: `user` or `user:group`. */
  readonly owner: string;
  /** What people see in a browser. */
  readonly name: string;
  /** Names and addresses that it must be valid for. */
  readonly names: readonly string[];
}

/** Browsers take no certificate that lasts longer. */
const days = 825;
/** Seconds before its end from which on a run makes a new one. */
const renewBefore = 30 * 86_400;

/**
 * A certificate made on the host, by openssl: its key never leaves it. A new one takes its place 30 days before it
 * ends, when the host is reached by a name that it isn't for (beside those that it was for), and when it isn't one of
 * ours.
 */
export function selfSigned(options: SelfSignedOptions): Step {
  const { certificate, key, owner, name, names } = options;
  const script: StepScript = {
    text: fill('monitoring/self-signed.sh', {
      certificate: quote(certificate),
      key: quote(key),
      owner: quote(owner),
      days,
      name: name.replaceAll(/[^\w.-]/g, '-'),
      names: quote(names.map(san).join(',')),
    }),
    explain: (host, _code, output) =>
      new CloudopsError({
        code: 'CERTIFICATE_NOT_MADE',
        what: `No certificate can be made on ${host.name}.`,
        why: lastLines(output),
        fix: ['see whether the host has openssl and a writable file system, then run the same command again'],
      }),
  };
  return {
    id: `certificate ${certificate}`,
    look: lookAt(certificate, key),
    drift: (seen) => driftOf(options, seen),
    apply: (host) => runScript(host, script),
    script,
  };
}

function san(name: string): string {
  return `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`;
}

/** An IPv6 address has many spellings; openssl's is a long one. */
function plain(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname : name;
}

/** Five lines: rights of the key; whether it lasts; the subject; names; whether certificate and key belong together. */
function lookAt(certificate: string, key: string): string {
  return [
    `c=${quote(certificate)} k=${quote(key)}`,
    'if [ ! -s "$c" ] || [ ! -s "$k" ]; then echo absent; else',
    `  stat -c '%a %U:%G %u:%g' "$k"`,
    `  if openssl x509 -in "$c" -noout -checkend ${String(renewBefore)} >/dev/null 2>&1; then echo lasts; else echo ends; fi`,
    '  echo "$(openssl x509 -in "$c" -noout -subject 2>/dev/null)"',
    '  echo "$(openssl x509 -in "$c" -noout -ext subjectAltName 2>/dev/null | tail -n 1)"',
    '  if [ "$(openssl x509 -in "$c" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$k" -pubout 2>/dev/null)" ]; then echo pair; else echo strangers; fi',
    'fi',
  ].join('\n');
}

function driftOf({ owner, names }: SelfSignedOptions, seen: string): string | undefined {
  if (seen === 'absent') return 'missing';
  const [rights = '', lasts, subject = '', has = '', pair] = seen.split('\n');
  const held = has.split(',').map((one) => plain(one.trim().replace(/^(DNS|IP Address):/, '')));
  const missing = names.filter((one) => !held.includes(plain(one)));
  if (!/\bO ?= ?cloudops\b/.test(subject)) return 'is not one that was made here';
  if (pair !== 'pair') return 'and its key do not belong together';
  if (lasts !== 'lasts') return 'ends within 30 days';
  if (missing.length > 0) return `is not for ${missing.join(', ')}`;
  const [mode = '', ...owners] = rights.split(' ');
  const differs = driftOfRights(0o600, owner, mode, owners);
  return differs === undefined ? undefined : `key: ${differs}`;
}
