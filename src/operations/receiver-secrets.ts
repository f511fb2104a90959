import { readFile } from 'node:fs/promises';
import { Secret } from '../config/secret.js';
import type { Config } from '../config/schema.js';
import { CloudopsError, exitCodes } from '../errors.js';
import { secretPathOf } from '../monitoring/alertmanager.js';

/** The secrets of `alerting.receivers`, in their order, out of the files that the config names. */
export async function readReceiverSecrets(config: Config): Promise<readonly (Secret | undefined)[]> {
  return Promise.all(
    config.alerting.receivers.map(async (receiver, index) => {
      const path = secretPathOf(receiver);
      if (path === undefined) return undefined;
      const text = (
        await readFile(path, 'utf8').catch((error: unknown) => unreadable(index, path, String(error)))
      ).trim();
      return text === '' ? unreadable(index, path, 'it is empty') : new Secret(text);
    }),
  );
}

function unreadable(index: number, path: string, why: string): never {
  throw new CloudopsError({
    code: 'RECEIVER_SECRET_UNREADABLE',
    what: `The secret of alerting.receivers[${String(index)}] can't be read from ${path}; nothing was touched.`,
    why,
    fix: ['write the secret, and nothing else, to that file'],
    exit: exitCodes.usage,
  });
}
