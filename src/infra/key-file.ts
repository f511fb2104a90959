import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';

/** Where a stack's private key is kept. */
export function keyPath(stateDir: string): string {
  return join(stateDir, 'id_ed25519');
}

/** The private key that opens the stack's hosts: the operator's own where the config names one, else the stack's. */
export function privateKeyPath(ssh: Config['ssh'], stateDir: string): string {
  return ownPrivateKey(ssh) ?? keyPath(stateDir);
}

/** The private key that the config names, itself or beside its public half. */
export function ownPrivateKey({ keyPath: path, publicKeyPath }: Config['ssh']): string | undefined {
  return path ?? (publicKeyPath?.endsWith('.pub') === true ? publicKeyPath.slice(0, -4) : undefined);
}

/** The public key beside the stack's private key, or undefined where there is none on this machine. */
export async function readPublicKey(stateDir: string): Promise<string | undefined> {
  try {
    return (await readFile(`${keyPath(stateDir)}.pub`, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes an ed25519 pair in `stateDir` (files 0600, folder 0700) and returns the public key; one that is there stays. */
export async function makeKeyPair(stateDir: string, comment: string): Promise<string> {
  const present = await readPublicKey(stateDir);
  if (present !== undefined) return present;
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = keyPath(stateDir);
  const pair = newKeyPair(comment);
  // The public half comes last and only once: it says that the pair is whole, and of two runs one wins.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, pair.privateKey, { mode: 0o600, flag: 'wx' });
  try {
    await rm(path, { force: true });
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  await writeFile(`${path}.pub`, `${pair.publicKey}\n`, { mode: 0o644 });
  await chmod(path, 0o600);
  return pair.publicKey;
}

/** Removes the pair that `makeKeyPair` made. */
export async function removeKeyPair(stateDir: string): Promise<void> {
  const path = keyPath(stateDir);
  await Promise.all([rm(path, { force: true }), rm(`${path}.pub`, { force: true })]);
}

/** A new ed25519 pair in OpenSSH's formats. */
export function newKeyPair(comment: string): { privateKey: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const key = createPrivateKey({ key: privateKey, type: 'pkcs8', format: 'der' });
  const seed = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
  const point = Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([text('ssh-ed25519'), text(point)]);
  return {
    privateKey: armoured(privateSection(seed, point, comment), blob),
    publicKey: `ssh-ed25519 ${blob.toString('base64')} ${comment}`,
  };
}

/** OpenSSH's string: a length and the bytes. */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function privateSection(seed: Buffer, point: Buffer, comment: string): Buffer {
  const check = randomBytes(4);
  const body = [
    check,
    check,
    text('ssh-ed25519'),
    text(point),
    text(Buffer.concat([seed, point])),
    text(comment),
  ];
  const section = Buffer.concat(body);
  const padding = Array.from({ length: (8 - (section.length % 8)) % 8 }, (_, index) => index + 1);
  return Buffer.concat([section, Buffer.from(padding)]);
}

function armoured(section: Buffer, blob: Buffer): string {
  const none = text('none');
  const head = [Buffer.from('openssh-key-v1\0'), none, none, text(''), number(1)];
  const whole = Buffer.concat([...head, text(blob), text(section)]).toString('base64');
  const lines = whole.match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}
