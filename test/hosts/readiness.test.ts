import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Host } from '../../src/hosts/host.js';
import { afterFirstBoot } from '../../src/hosts/readiness.js';
import { fakeHost, type FakeHost } from '../support/fake-host.js';

interface Booting {
  readonly fake: FakeHost;
  readonly host: Host;
  readonly said: string[];
  readonly directory: string;
}

/** A host where cloud-init is enabled and says `status`; undefined: it has none. */
function booting(status: string | undefined, limitMs = 5_000): Booting {
  const directory = mkdtempSync(join(tmpdir(), 'cloudops-boot-'));
  const said: string[] = [];
  if (status !== undefined) {
    writeFileSync(join(directory, 'enabled'), '');
    writeFileSync(
      join(directory, 'cloud-init'),
      `#!/bin/sh\n[ "$1" = status ] && echo 'status: ${status}'\n`,
    );
    chmodSync(join(directory, 'cloud-init'), 0o755);
  }
  const fake = fakeHost({ name: 'monitoring', path: [directory] });
  const options = { report: (text: string) => said.push(text), limitMs, everyMs: 30, directory };
  return {
    fake,
    said,
    directory,
    host: afterFirstBoot(fake, { ...options, signal: new AbortController().signal }),
  };
}

describe('a first boot', () => {
  it('costs nothing where there is no cloud-init, or it is over', async () => {
    for (const { host, fake, directory } of [booting(undefined), booting('running')]) {
      writeFileSync(join(directory, 'result.json'), '{}');
      expect(await host.exec('echo on; cat', { stdin: 'input' })).toMatchObject({ stdout: 'on\ninput' });
      expect(fake.trips).toHaveLength(1);
    }
  });

  it('is waited for, with a line that says so, and nothing is run before', async () => {
    const { host, said, directory } = booting('running');
    const lines: string[] = [];
    const file = join(directory, 'ran');
    setTimeout(() => writeFileSync(join(directory, 'result.json'), '{}'), 400);
    const began = Date.now();
    const onLine = (line: string): void => void lines.push(line);
    expect((await host.exec(`echo ran >>${file}; cat ${file}`, { onLine })).stdout).toBe('ran\n');
    expect(Date.now() - began).toBeGreaterThanOrEqual(390);
    expect(said).toEqual(['waiting for cloud-init: running']);
    expect(lines).toEqual(['ran']);
  });

  it('holds back files as well', async () => {
    const { host, said, directory } = booting('running');
    const path = join(directory, 'file');
    setTimeout(() => writeFileSync(join(directory, 'result.json'), '{}'), 100);
    const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    await host.put('content', path, { owner });
    expect([said.length, readFileSync(path, 'utf8')]).toEqual([1, 'content']);
  });

  it.each(['done', 'error', 'degraded done', 'disabled'])(
    'is over when cloud-init says %s',
    async (status) => {
      const { host, said } = booting(status);
      expect((await host.exec('echo on')).stdout).toBe('on\n');
      expect(said).toEqual([]);
    },
  );

  it('that never ends is said with what cloud-init says', async () => {
    const { host } = booting('running', 100);
    await expect(host.exec('echo on')).rejects.toMatchObject({
      code: 'HOST_FIRST_BOOT_UNFINISHED',
      message: expect.stringContaining('status: running'),
    });
  });
});
