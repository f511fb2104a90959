import { createHash, createHmac } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A host's public key: `type` as OpenSSH names it, `key` in base64. */
export interface HostKey {
  readonly type: string;
  readonly key: string;
}

/** The keys that hosts are known by. */
export interface KnownHosts {
  /** Where they are kept, for error texts. */
  readonly path: string;
  /** Every key known for a name (an instance id, an address, `[address]:port`), and those that are revoked for it. */
  find(name: string): { readonly keys: readonly HostKey[]; readonly revoked: readonly HostKey[] };
  add(name: string, keys: readonly HostKey[]): void;
}

/** How OpenSSH names a host that is found by its address. */
export function addressName(address: string, port: number): string {
  return port === 22 ? address : `[${address}]:${port}`;
}

/**
 * A known_hosts file, read anew for each question; a missing one knows nobody. A write replaces the file as a whole,
 * and leaves it 0600. OpenSSH's own files can be read, hashed names, wildcards and @revoked included.
 */
export function knownHostsFile(path: string): KnownHosts {
  return {
    path,
    find: (name) => findKeys(readText(path), name),
    add: (name, keys) => {
      const text = readText(path);
      const known = findKeys(text, name).keys;
      const fresh = keys.filter((key) => !known.some((old) => old.type === key.type && old.key === key.key));
      if (fresh.length === 0) return;
      const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const temporary = `${path}.${process.pid}.new`;
      const lines = fresh.map((key) => `${name} ${key.type} ${key.key}\n`);
      writeFileSync(temporary, before + lines.join(''), { mode: 0o600 });
      chmodSync(temporary, 0o600);
      renameSync(temporary, path);
    },
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Pure: the keys that a known_hosts text has for a name. */
export function findKeys(
  text: string,
  name: string,
): { readonly keys: HostKey[]; readonly revoked: HostKey[] } {
  const keys: HostKey[] = [];
  const revoked: HostKey[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [names = '', type, key] = words;
    if (type === undefined || key === undefined || !matches(names, name)) continue;
    if (marker === undefined) keys.push({ type, key });
    else if (marker === '@revoked') revoked.push({ type, key });
  }
  return { keys, revoked };
}

function matches(names: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|(.+)$/.exec(names);
  if (hashed !== null) {
    const [, salt = '', hash = ''] = hashed;
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const patterns = names.toLowerCase().split(',');
  const fits = (pattern: string): boolean => wildcard(pattern).test(name.toLowerCase());
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

/** A key out of a public key line (`ssh-ed25519 AAAA... comment`), or undefined. */
export function parseHostKey(line: string): HostKey | undefined {
  const [type, key] = line.trim().split(/\s+/);
  if (type === undefined || key === undefined || !/^[A-Za-z0-9+/=]+$/.test(key)) return undefined;
  return keyType(Buffer.from(key, 'base64')) === type ? { type, key } : undefined;
}

/** The key a server showed, as it came over the wire. */
export function hostKeyOf(blob: Buffer): HostKey {
  return { type: keyType(blob) ?? 'unknown', key: blob.toString('base64') };
}

/** `SHA256:...` as ssh prints it. */
export function fingerprint(key: HostKey): string {
  const hash = createHash('sha256').update(Buffer.from(key.key, 'base64')).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}

function keyType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return blob.length < 4 + length ? undefined : blob.toString('latin1', 4, 4 + length);
}
