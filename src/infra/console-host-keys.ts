import { GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import { CloudopsError } from '../errors.js';
import type { Aws } from './resource.js';
import { poll } from './wait.js';

const begin = '-----BEGIN SSH HOST KEY KEYS-----';
const end = '-----END SSH HOST KEY KEYS-----';

/**
 * The OpenSSH public host keys that an instance printed on its console at first boot: `ssh-ed25519 AAAA...`. Vouched
 * for by AWS's own connection, so they can be pinned before the first login. Waits up to five minutes for them.
 */
export async function consoleHostKeys(
  aws: Aws,
  instanceId: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ask = async (): Promise<readonly string[] | undefined> => {
    const command = new GetConsoleOutputCommand({ InstanceId: instanceId, Latest: true });
    const { Output } = await aws.ec2.read.send(command, { abortSignal: signal });
    const keys = hostKeysIn(Buffer.from(Output ?? '', 'base64').toString('utf8'));
    return keys.length > 0 ? keys : undefined;
  };
  const keys = await poll(aws, ask, { limitMs: 300_000, firstMs: 1_000, signal });
  if (keys !== undefined) return keys;
  throw new CloudopsError({
    code: 'HOST_KEYS_UNKNOWN',
    what: `The console output of ${instanceId} shows no SSH host keys.`,
    why: 'Asked GetConsoleOutput for five minutes; the image may not print them (cloud-init does).',
    fix: [
      "Give '--known-hosts FILE' with the host's keys, or '--accept-new-host-key' to trust the first one seen.",
    ],
  });
}

/** Pure: the keys between cloud-init's marks, in the last such block. */
export function hostKeysIn(output: string): string[] {
  const start = output.lastIndexOf(begin);
  const stop = output.indexOf(end, start);
  if (start === -1 || stop === -1) return [];
  return output
    .slice(start + begin.length, stop)
    .split(/\r?\n/)
    .flatMap((line) => /((?:ssh|ecdsa)-\S+ [A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? []);
}
