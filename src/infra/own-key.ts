import { DescribeKeyPairsCommand } from '@aws-sdk/client-ec2';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { CloudopsError, exitCodes } from '../errors.js';
import { isGone } from './faults.js';
import { readPublicKey } from './key-file.js';
import type { Aws } from './resource.js';
import { bareKey } from './resources/key-pair.js';

type Ssh = Config['ssh'];

/** What is imported for the stack: a key of the operator's, one made for the stack, or undefined: one is to be made. */
export async function stackPublicKey(ssh: Ssh, stateDir: string): Promise<string | undefined> {
  if (ssh.keyName !== undefined) return undefined;
  if (ssh.publicKeyPath !== undefined) return readGiven(ssh.publicKeyPath);
  const beside = ssh.keyPath === undefined ? undefined : await readQuietly(`${ssh.keyPath}.pub`);
  return bareKey(beside ?? (await readPublicKey(stateDir)));
}

async function readQuietly(path: string): Promise<string | undefined> {
  const text = await readFile(untilde(path), 'utf8').catch(() => undefined);
  return text !== undefined && importable.test(text.trim()) ? text.trim() : undefined;
}

/** What EC2 imports. */
const importable = /^ssh-(ed25519|rsa) [A-Za-z0-9+/]+=*(\s|$)/;

async function readGiven(path: string): Promise<string> {
  let why: string;
  try {
    const text = (await readFile(untilde(path), 'utf8')).trim();
    if (importable.test(text)) return bareKey(text) ?? '';
    why = text.includes('PRIVATE KEY')
      ? 'It holds a private key.'
      : "It isn't an OpenSSH public key of a kind that EC2 takes (ssh-ed25519, ssh-rsa).";
  } catch (error) {
    why = `${(error as Error).message}.`;
  }
  throw new CloudopsError({
    code: 'PUBLIC_KEY',
    what: `${path} can't be imported as the stack's public key; nothing was changed.`,
    why,
    fix: [
      "Name a file such as ~/.ssh/id_ed25519.pub in 'ssh.publicKeyPath', or remove it: a pair is made then.",
    ],
    exit: exitCodes.usage,
  });
}

/** Checks that the key pair that the config names exists. */
export async function checkKeyName(aws: Aws, { keyName }: Ssh): Promise<void> {
  if (keyName === undefined) return;
  try {
    await aws.ec2.read.send(new DescribeKeyPairsCommand({ KeyNames: [keyName] }));
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new CloudopsError({
      code: 'OWN_KEY_PAIR',
      what: `The key pair that cloudops.yaml names doesn't exist; nothing was changed.`,
      why: `There is no EC2 key pair '${keyName}' in ${aws.region}.`,
      fix: [
        "Correct 'ssh.keyName' in cloudops.yaml, or import the key: 'aws ec2 import-key-pair'.",
        "Or remove 'ssh.keyName': cloudops makes a pair then.",
      ],
      exit: exitCodes.usage,
    });
  }
}

function untilde(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
