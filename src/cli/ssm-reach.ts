import { setTimeout as sleep } from 'node:timers/promises';
import type { Connect, HostRecord } from '../hosts/host.js';
import type { Pace } from '../hosts/ssm-command.js';
import { pingOf, ssmConnect, ssmHostKeys } from '../hosts/ssm.js';
import { explain } from '../infra/aws-errors.js';
import { consoleHostKeys } from '../infra/console-host-keys.js';
import type { Aws } from '../infra/resource.js';
import { diagnoseSsm } from '../infra/ssm-diagnosis.js';
import type { ConnectFacts } from './connect-hosts.js';

/** What AWS does for reaching hosts: Run Command, whether it is there, and host keys that can be trusted. */
export interface SsmReach {
  readonly connect: Connect;
  /** Never rejects: where AWS can't be asked, it is not there. */
  readonly online: (record: HostRecord, signal: AbortSignal) => Promise<boolean>;
  readonly hostKeys: (record: HostRecord, signal: AbortSignal) => Promise<readonly string[]>;
}

const onlineTimeoutMs = 180_000;

export function ssmReach(
  { aws, sandbox }: Pick<ConnectFacts, 'aws' | 'sandbox'>,
  onProgress: (record: HostRecord, message: string) => void,
): SsmReach {
  // A command of the real service takes a second or two; the sandbox's is there at once.
  const pace = sandbox ? { firstMs: 60, mostMs: 500 } : { firstMs: 500, mostMs: 2_000 };
  return {
    connect: ssmConnect({
      clients: async () => (await aws()).ssm,
      onlineTimeoutMs,
      pace,
      diagnose: async (id, ping) => diagnoseSsm(await aws(), id, ping !== undefined),
      explain: (error, doing) => explain(error, doing),
      onProgress,
    }),
    online: async ({ instanceId }, signal) => {
      if (instanceId === undefined) return false;
      const ping = await aws()
        .then(({ ssm }) => pingOf(ssm, instanceId, signal))
        .catch(() => undefined);
      return ping?.status === 'Online';
    },
    hostKeys: async ({ instanceId }, signal) => {
      if (instanceId === undefined) return [];
      const there = await aws();
      const bySsm = await ssmHostKeys(there.ssm, instanceId, pace, signal).catch(() => undefined);
      return bySsm ?? eitherKeys(there, instanceId, signal, pace);
    },
  };
}

/** From the console, or by SSM once the agent is online: whichever has them first. */
async function eitherKeys(
  aws: Aws,
  instanceId: string,
  signal: AbortSignal,
  pace: Pace,
): Promise<readonly string[]> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const fromConsole = consoleHostKeys(aws, instanceId, either);
  try {
    return await Promise.race([fromConsole, keysOnceOnline(aws, instanceId, either, pace)]);
  } finally {
    done.abort();
    fromConsole.catch(() => undefined);
  }
}

/** Never without an answer; when the signal is aborted nobody waits for it any more. */
async function keysOnceOnline(
  aws: Aws,
  instanceId: string,
  signal: AbortSignal,
  pace: Pace,
): Promise<readonly string[]> {
  for (;;) {
    await sleep(5_000, undefined, { signal }).catch(() => new Promise<never>(() => undefined));
    const keys = await ssmHostKeys(aws.ssm, instanceId, pace, signal).catch(() => undefined);
    if (keys !== undefined) return keys;
  }
}
