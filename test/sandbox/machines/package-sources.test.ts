import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  formatSources,
  ofRelease,
  parseDeb822,
  parseOneLine,
  reachSettings,
  readAuthorities,
  readRelease,
  readSources,
} from '../../../src/sandbox/machines/package-sources.js';

const deb822 = `# a comment
Types: deb deb-src
# another
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
 bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://third.test/apt
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Enabled: no
Types: deb
URIs: http://off.test/
Suites: bookworm
Components: main
`;

describe('package sources', () => {
  it.each([
    ['deb http://mirror.test/debian bookworm main contrib # why', ['http://mirror.test/debian'], undefined],
    [
      'deb [arch=amd64 signed-by=/k.gpg] https://m.test/ bookworm-security main',
      ['https://m.test/'],
      '/k.gpg',
    ],
  ])('reads the line %s', (line, uris, signedBy) => {
    expect(parseOneLine(`# deb http://no.test/ x main\ndeb-src http://no.test/ x main\n${line}\n`)).toEqual([
      expect.objectContaining({ uris, signedBy }),
    ]);
  });

  it('reads deb822: continued lines, comments, disabled and inline-signed stanzas', () => {
    const sources = parseDeb822(deb822);
    expect(sources.map(({ uris }) => uris[0])).toEqual([
      'http://mirror.test/debian',
      'http://third.test/apt',
    ]);
    expect(sources[0]?.suites).toEqual(['bookworm', 'bookworm-updates', 'bookworm-backports']);
    expect(sources[1]?.signedBy).toBeUndefined();
  });

  it("keeps the distribution's own pockets only, and what it writes reads the same", () => {
    const own = ofRelease(parseDeb822(deb822), 'bookworm');
    expect(own).toHaveLength(1);
    expect(parseDeb822(formatSources(own))).toEqual(own);
  });

  it('copies how to reach the sources, and nothing else of apt', () => {
    const dump = [
      'APT::Architecture "amd64";',
      'Acquire::http::Proxy "http://proxy.test:3128";',
      'Acquire::https::CaInfo "";',
      'Acquire::Check-Valid-Until "false";',
      'DPkg::Post-Invoke:: "rm -rf /";',
    ].join('\n');
    expect(reachSettings(dump)).toEqual([
      'Acquire::http::Proxy "http://proxy.test:3128";',
      'Acquire::Check-Valid-Until "false";',
    ]);
  });

  it('finds them on a machine, and its certificate authorities', () => {
    const root = mkdtempSync(join(tmpdir(), 'cloudops-root-'));
    const files = {
      'etc/apt/sources.list': 'deb http://one.test/ bookworm main\n',
      'etc/apt/sources.list.d/b.sources': deb822,
      'etc/apt/sources.list.d/c.list.save': 'deb http://no.test/ bookworm main\n',
      'etc/os-release': 'PRETTY_NAME="Debian"\nID=debian\nVERSION_CODENAME=bookworm\n',
      'usr/local/share/ca-certificates/own.crt': 'PEM',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    try {
      expect(readRelease(root)).toEqual({ id: 'debian', codename: 'bookworm' });
      expect(readSources(root).map(({ uris }) => uris[0])).toEqual([
        'http://one.test/',
        'http://mirror.test/debian',
        'http://third.test/apt',
      ]);
      expect(readAuthorities(root)).toEqual({ 'own.crt': 'PEM' });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
