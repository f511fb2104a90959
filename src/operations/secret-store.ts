import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../config/secret.js';
import { CloudopsError } from '../errors.js';
import { diagnose } from '../infra/diagnose.js';
import type { Aws } from '../infra/resource.js';
import { readSecrets, removeSecrets, writeSecret } from '../infra/secret-parameters.js';
import type { Context } from './context.js';
import { writePrivateFile } from './private-file.js';

/** What is made once for a stack and kept: the names of files in its state directory, and of parameters. */
export const secretNames = ['grafana-admin-password', 'prometheus-password'] as const;
export type SecretName = (typeof secretNames)[number];

/** Where the secrets are kept that cloudops makes. */
export interface SecretStore {
  /** What all operators share, with `secrets: ssm`; else what this machine has. It may be older than a host's. */
  read(name: SecretName): Promise<Secret | undefined>;
  /** Keeps it where it isn't kept yet: for all operators first, then on this machine. */
  keep(name: SecretName, secret: Secret): Promise<void>;
}

type StoreContext = Pick<Context, 'aws' | 'config' | 'stateDir'>;

/**
 * With `secrets: local` files of this machine, and no call; with `ssm` parameters of the stack too, read here, once.
 * Rejects with `SECRETS_NEED_AWS` where there are no credentials, and when AWS refuses.
 */
export async function openSecretStore(context: StoreContext): Promise<SecretStore> {
  if (context.config.secrets === 'local') return localSecrets(context.stateDir);
  const aws = await awsFor(context);
  const shared = new Map(await calling(aws, `read the stack's secrets`, () => readSecrets(aws, secretNames)));
  const local = localSecrets(context.stateDir);
  return {
    read: async (name) => shared.get(name) ?? (await local.read(name)),
    keep: async (name, secret) => {
      if (shared.get(name)?.reveal() !== secret.reveal()) {
        await calling(aws, `keep ${name}`, () => writeSecret(aws, name, secret));
        shared.set(name, secret);
      }
      await local.keep(name, secret);
    },
  };
}

/** Files of the state directory, 0600; whoever reads one sees the old content or the new. */
export function localSecrets(stateDir: string): SecretStore {
  const read = async (name: SecretName): Promise<Secret | undefined> => {
    const text = (await readFile(join(stateDir, name), 'utf8').catch(() => '')).trim();
    return text === '' ? undefined : new Secret(text);
  };
  return {
    read,
    keep: async (name, secret) => {
      if ((await read(name))?.reveal() === secret.reveal()) return;
      await writePrivateFile(join(stateDir, name), `${secret.reveal()}\n`);
    },
  };
}

/** Removes what `secrets: ssm` kept for all operators; gives the parameters' names. No call with `local`. */
export async function removeSharedSecrets(context: StoreContext): Promise<readonly string[]> {
  if (context.config.secrets === 'local') return [];
  const aws = await awsFor(context);
  return calling(aws, `remove the stack's secrets`, () => removeSecrets(aws, secretNames));
}

async function awsFor({ aws }: StoreContext): Promise<Aws> {
  try {
    return await aws();
  } catch (error) {
    if (!(error instanceof CloudopsError)) throw error;
    throw new CloudopsError({
      code: 'SECRETS_NEED_AWS',
      what: "'secrets: ssm' keeps passwords in AWS, which can't be used; nothing was touched.",
      why: error.message,
      fix: [
        ...error.fix,
        "or set 'secrets: local' in cloudops.yaml, to keep them on this machine and the host only",
      ],
      exit: error.exitCode,
      cause: error,
    });
  }
}

async function calling<T>(aws: Aws, doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw await diagnose(aws, error, doing);
  }
}
