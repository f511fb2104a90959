import type { HostRecord } from './host.js';
import { addressName, hostKeyOf, parseHostKey, type HostKey, type KnownHosts } from './known-hosts.js';
import { hostKeyChanged, hostKeyUnknown, type SshTarget } from './ssh-errors.js';

/** What decides whether a host is the right one. */
export interface HostKeyPolicy {
  /** Learned keys are kept here: by instance id where there is one, so a new instance never clashes with an old. */
  readonly knownHosts: KnownHosts;
  /** Keys from a source that can be trusted (the console of the instance), as OpenSSH public key lines. */
  readonly hostKeys?: ((record: HostRecord, signal: AbortSignal) => Promise<readonly string[]>) | undefined;
  /** Take the key of a host that nobody knows. A changed key is refused all the same. */
  readonly acceptNewHostKey: boolean;
}

export interface HostKeyCheck {
  /** The algorithms to ask the server for, so that it shows a key of a kind that is known; undefined: any. */
  readonly algorithms: SshKeyAlgorithm[] | undefined;
  /** Whether the key that a server shows is right; a key that was learned is kept. */
  verify(blob: Buffer): Promise<boolean>;
  /** Why `verify` said no. */
  refused(): Error | undefined;
}

type SshKeyAlgorithm =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'rsa-sha2-512'
  | 'rsa-sha2-256';

const algorithmsOf: Readonly<Record<string, readonly SshKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** The check of one connection. */
export function hostKeyCheck(
  policy: HostKeyPolicy,
  record: HostRecord,
  target: SshTarget,
  signal: AbortSignal,
): HostKeyCheck {
  const alias = record.instanceId ?? addressName(target.address, target.port);
  const known = policy.knownHosts.find(alias);
  const types = new Set(known.keys.map(({ type }) => type));
  const algorithms = Object.keys(algorithmsOf).flatMap((type) =>
    types.has(type) ? (algorithmsOf[type] ?? []) : [],
  );
  let refused: Error | undefined;
  return {
    algorithms: algorithms.length === 0 ? undefined : algorithms,
    refused: () => refused,
    verify: async (blob) => {
      try {
        refused = await judgeKey(policy, record, target, { alias, shown: hostKeyOf(blob), signal });
      } catch (error) {
        refused = error instanceof Error ? error : new Error(String(error));
      }
      return refused === undefined;
    },
  };
}

async function judgeKey(
  policy: HostKeyPolicy,
  record: HostRecord,
  target: SshTarget,
  { alias, shown, signal }: { alias: string; shown: HostKey; signal: AbortSignal },
): Promise<Error | undefined> {
  const { keys, revoked } = policy.knownHosts.find(alias);
  if (includes(revoked, shown)) return hostKeyChanged(target, alias, keys, shown, policy.knownHosts.path);
  if (includes(keys, shown)) return undefined;
  if (keys.length > 0) return hostKeyChanged(target, alias, keys, shown, policy.knownHosts.path);
  const lines = (await policy.hostKeys?.(record, signal)) ?? [];
  const learned = lines.flatMap((line) => parseHostKey(line) ?? []);
  if (learned.length > 0) {
    if (!includes(learned, shown))
      return hostKeyChanged(target, alias, learned, shown, policy.knownHosts.path);
    policy.knownHosts.add(alias, learned);
    return undefined;
  }
  if (!policy.acceptNewHostKey) return hostKeyUnknown(target, shown, policy.knownHosts);
  policy.knownHosts.add(alias, [shown]);
  return undefined;
}

function includes(keys: readonly HostKey[], key: HostKey): boolean {
  return keys.some((one) => one.type === key.type && one.key === key.key);
}
