import { createPublicKey, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';
import { hostKeysIn } from '../../src/infra/console-host-keys.js';
import { keyPath, makeKeyPair, newKeyPair, readPublicKey, removeKeyPair } from '../../src/infra/key-file.js';
import { operatorAddress, worldWarning } from '../../src/infra/operator-address.js';

describe('the key pair', () => {
  it('is what OpenSSH reads, whatever its padding', () => {
    for (const comment of ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg']) {
      const { privateKey, publicKey } = newKeyPair(comment);
      const parsed = ssh2.utils.parseKey(privateKey);
      if (parsed instanceof Error) throw parsed;
      expect(`${parsed.type} ${parsed.getPublicSSH().toString('base64')}`).toBe(
        publicKey.split(' ').slice(0, 2).join(' '),
      );
      const signature = parsed.sign(Buffer.from('text'));
      expect(verify(null, Buffer.from('text'), createPublicKey(parsed.getPublicPEM()), signature)).toBe(true);
    }
  });

  it('is made once, for the operator only, and can be removed', async () => {
    const state = join(await mkdtemp(join(tmpdir(), 'cloudops-key-')), 'stack');
    const made = await makeKeyPair(state, 'cloudops test');
    expect((await stat(keyPath(state))).mode & 0o777).toBe(0o600);
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    expect(await makeKeyPair(state, 'again')).toBe(made);
    expect(await readPublicKey(state)).toBe(made);
    expect(await readFile(keyPath(state), 'utf8')).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----/);
    await removeKeyPair(state);
    expect(await readPublicKey(state)).toBeUndefined();
  });

  it('is the same for runs at the same moment, and after one that died half-way', async () => {
    const state = join(await mkdtemp(join(tmpdir(), 'cloudops-key-')), 'stack');
    const made = await Promise.all(Array.from({ length: 8 }, () => makeKeyPair(state, 'cloudops test')));
    expect(new Set(made).size).toBe(1);
    const parsed = ssh2.utils.parseKey(await readFile(keyPath(state), 'utf8'));
    if (parsed instanceof Error) throw parsed;
    expect(made[0]).toContain(parsed.getPublicSSH().toString('base64'));
    await rm(`${keyPath(state)}.pub`);
    expect(await makeKeyPair(state, 'cloudops test')).toBe(made[0]);
    expect((await readdir(state)).sort()).toEqual(['id_ed25519', 'id_ed25519.pub']);
    expect((await stat(keyPath(state))).mode & 0o777).toBe(0o600);
  });
});

describe('the operator address', () => {
  const signal = new AbortController().signal;

  it('is one address, never more', async () => {
    expect(await operatorAddress(signal, () => Promise.resolve('203.0.113.7\n'))).toBe('203.0.113.7/32');
  });

  it.each(['', '0.0.0.0/0', '<html>', '2001:db8::1', '10.1'])('refuses the answer %j', async (answer) => {
    await expect(operatorAddress(signal, () => Promise.resolve(answer))).rejects.toMatchObject({
      code: 'OPERATOR_ADDRESS_UNKNOWN',
      exitCode: 2,
    });
  });

  it('warns of the world', () => {
    expect(worldWarning(['10.0.0.0/8', '0.0.0.0/0'])).toContain('everybody');
    expect(worldWarning(['203.0.113.7/32'])).toBeUndefined();
  });
});

describe('host keys on the console', () => {
  it('are read between the marks, with prefixes and CRLF', () => {
    const text = [
      'boot',
      '-----BEGIN SSH HOST KEY FINGERPRINTS-----',
      '256 SHA256:abc root@host (ED25519)',
      '-----END SSH HOST KEY FINGERPRINTS-----',
      '-----BEGIN SSH HOST KEY KEYS-----',
      'ecdsa-sha2-nistp256 AAAAE2Vj root@ip-10-0-1-4',
      'ci-info: ssh-ed25519 AAAAC3Nz root@ip-10-0-1-4',
      '-----END SSH HOST KEY KEYS-----',
    ].join('\r\n');
    expect(hostKeysIn(text)).toEqual(['ecdsa-sha2-nistp256 AAAAE2Vj', 'ssh-ed25519 AAAAC3Nz']);
    expect(hostKeysIn(text.replace(/-----END SSH HOST KEY KEYS-----/, ''))).toEqual([]);
  });
});
