import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

/**
 * Makes an ed25519 pair in `stateDir` (files 0600, folder 0700) and returns the public key; one that is there stays.
 * Of several runs at once, or one that died half-way, all get the same pair: the private file, whole or absent, decides.
 */
export async function makeKeyPair(stateDir: string, comment: string): Promise<string> {
  const present = await readPublicKey(stateDir);
  if (present !== undefined) return present;
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = keyPath(stateDir);
  await place(path, newKeyPair(comment).privateKey, 0o600, (draft) => linkOnce(draft, path));
  const publicKey = `${publicHalf(await readFile(path, 'utf8'))} ${comment}`;
  await place(path, `${publicKey}\n`, 0o644, (draft) => rename(draft, `${path}.pub`));
  return publicKey;
}

/** Writes a whole file beside `path` and puts it where it belongs. */
async function place(
  path: string,
  content: string,
  mode: number,
  put: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, content, { mode, flag: 'wx' });
  try {
    await put(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Gives `draft` the name `path` too, unless something has it. */
async function linkOnce(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The public key in a private key file as `newKeyPair` writes it. */
function publicHalf(privateKey: string): string {
  const whole = Buffer.from(privateKey.replace(/-----.*?-----/g, ''), 'base64');
  const blob = whole.subarray(headOfFile.length + 4);
  const length = whole.readUInt32BE(headOfFile.length);
  if (!whole.subarray(0, headOfFile.length).equals(headOfFile)) {
    throw new Error('the private key of the stack is not one that cloudops made');
  }
  return `ssh-ed25519 ${blob.subarray(0, length).toString('base64')}`;
}

/** Removes the pair that `makeKeyPair` made. */
export async function removeKeyPair(stateDir: string): Promise<void> {
  const path = keyPath(stateDir);
  // The public half first: it says that there is a private one.
  await rm(`${path}.pub`, { force: true });
  await rm(path, { force: true });
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
  const whole = Buffer.concat([headOfFile, text(blob), text(section)]).toString('base64');
  const lines = whole.match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

/** What an unencrypted file with one key begins with: no cipher, no key derivation, one key. */
const headOfFile = Buffer.concat([
  Buffer.from('openssh-key-v1\0'),
  text('none'),
  text('none'),
  text(''),
  number(1),
]);
