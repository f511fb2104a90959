import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseFacts } from '../../src/hosts/facts.js';
import { addressName, findKeys, knownHostsFile, parseHostKey } from '../../src/hosts/known-hosts.js';
import { parseJump, sshSettings } from '../../src/hosts/ssh-config.js';

const salt = Buffer.from('0123456789abcdefghij');
const hash = createHmac('sha1', salt).update('10.0.1.9').digest('base64');
const text = [
  '# a comment',
  'one,[two]:2222 ssh-ed25519 AAAA1 comment',
  `|1|${salt.toString('base64')}|${hash} ssh-rsa AAAA2`,
  '*.example.org,!bad.example.org ecdsa-sha2-nistp256 AAAA3',
  '@revoked one ssh-rsa AAAA4',
  '@cert-authority * ssh-rsa AAAA5',
].join('\n');

describe('known hosts', () => {
  it.each([
    ['one', ['AAAA1']],
    ['[two]:2222', ['AAAA1']],
    ['two', []],
    ['10.0.1.9', ['AAAA2']],
    ['10.0.1.8', []],
    ['good.example.org', ['AAAA3']],
    ['bad.example.org', []],
  ])('of %s', (name, keys) => {
    expect(findKeys(text, name).keys.map(({ key }) => key)).toEqual(keys);
  });

  it('that are revoked are told apart', () => {
    expect(findKeys(text, 'one').revoked).toEqual([{ type: 'ssh-rsa', key: 'AAAA4' }]);
  });

  it('are added once, to a private file', () => {
    const file = knownHostsFile(join(mkdtempSync(join(tmpdir(), 'cloudops-test-')), 'new', 'known_hosts'));
    expect(file.find('i-1').keys).toEqual([]);
    file.add('i-1', [{ type: 'ssh-ed25519', key: 'AAAA1' }]);
    file.add('i-1', [{ type: 'ssh-ed25519', key: 'AAAA1' }]);
    file.add('i-2', [{ type: 'ssh-ed25519', key: 'AAAA2' }]);
    expect(readFileSync(file.path, 'utf8')).toBe('i-1 ssh-ed25519 AAAA1\ni-2 ssh-ed25519 AAAA2\n');
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
  });

  it('are named as OpenSSH does', () => {
    expect([addressName('10.0.0.1', 22), addressName('10.0.0.1', 2222)]).toEqual([
      '10.0.0.1',
      '[10.0.0.1]:2222',
    ]);
    expect(parseHostKey('ssh-ed25519 bm90IGEga2V5 x')).toBeUndefined();
  });
});

describe('the ssh config', () => {
  it('gives identity files and jumps', () => {
    const config =
      'Host 10.*\n  ProxyJump me@gate:2200,inner\nHost *\n  IdentityFile ~/.ssh/a\n  IdentityFile %d/b\n';
    expect(sshSettings(config, '10.0.0.1', '/home/me')).toMatchObject({
      address: '10.0.0.1',
      identityFiles: ['/home/me/.ssh/a', '/home/me/b'],
      jumps: [{ user: 'me', host: 'gate', port: 2200 }, { host: 'inner' }],
    });
    expect(sshSettings('', '192.0.2.1')).toMatchObject({ identityFiles: [], jumps: [] });
    expect(parseJump('ssh://[2001:db8::1]:22')).toEqual({ host: '2001:db8::1', user: undefined, port: 22 });
  });
});

describe('host facts', () => {
  it('leave out what a host did not say', () => {
    expect(
      parseFacts(
        'os=amzn\nosVersion=2023\narch=aarch64\nhostname=h\npackageManager=dnf\nprivateAddress=127.0.0.1\n',
      ),
    ).toEqual({
      os: 'amzn',
      osVersion: '2023',
      arch: 'arm64',
      hostname: 'h',
      privateAddress: undefined,
      systemd: false,
      packageManager: 'dnf',
    });
  });
});
