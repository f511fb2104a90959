import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isDaemonOf, liveRecord, sandboxHome, writeRecord } from '../../src/sandbox/daemon-files.js';
import { answering, startDaemon, stopDaemon } from '../../src/sandbox/daemon-start.js';
import { withLock } from '../../src/sandbox/lock-file.js';

const entry = fileURLToPath(new URL('fake-daemon.ts', import.meta.url));
const prepare = (): Promise<string> => Promise.resolve('a test');
const record = { port: 1, started: '', build: 'x' };
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cloudops-daemon-'));
});
afterEach(async () => {
  await stopDaemon(home);
  rmSync(home, { recursive: true, force: true });
});

describe('the daemon', () => {
  it('is started once by two calls at once, adopted by a third, and ended by its process id', async () => {
    const [one, two] = await Promise.all([
      startDaemon({ home, entry, prepare }),
      startDaemon({ home, entry, prepare }),
    ]);
    expect(one.pid).toBe(two.pid);
    expect(one.withoutMachines).toBe('a test');
    expect(await (await fetch(`http://127.0.0.1:${one.port}`)).text()).toBe('hello');
    const third = await startDaemon({
      home,
      entry,
      prepare: () => Promise.reject(new Error('must not be asked')),
    });
    expect(third.pid).toBe(one.pid);
    expect(await stopDaemon(home)).toBe(true);
    expect(isDaemonOf(home, one.pid)).toBe(false);
    expect(liveRecord(home)).toBeUndefined();
    expect(await stopDaemon(home)).toBe(false);
  }, 30_000);

  it('is replaced when it runs another build', async () => {
    const before = await startDaemon({ home, entry, prepare });
    writeRecord(home, { ...before, build: 'older' });
    const after = await startDaemon({ home, entry, prepare });
    expect(after.pid).not.toBe(before.pid);
    expect(isDaemonOf(home, before.pid)).toBe(false);
  }, 30_000);

  it('says what its log says when it does not start', async () => {
    const broken = join(home, 'broken.mjs');
    writeFileSync(broken, "throw new Error('no such luck')");
    await expect(startDaemon({ home, entry: broken, prepare })).rejects.toThrow(/no such luck/);
  });

  it('takes a record of a dead process, or of another program, for none', async () => {
    writeRecord(home, { ...record, pid: 4_194_000 });
    expect(liveRecord(home)).toBeUndefined();
    writeRecord(home, { ...record, pid: process.pid });
    expect(liveRecord(home)).toBeUndefined();
    expect(await answering(home)).toBeUndefined();
    expect(await stopDaemon(home)).toBe(false);
  });

  it('has its home where the environment says', () => {
    expect(sandboxHome({ CLOUDOPS_HOME: '/a' })).toBe('/a/sandbox-daemon');
    expect(sandboxHome({ XDG_STATE_HOME: '/b' })).toBe('/b/cloudops/sandbox-daemon');
  });
});

describe('the lock', () => {
  it('lets one in at a time and is free afterwards, failure or not', async () => {
    const path = join(home, 'lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside--;
    };
    await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
    expect(most).toBe(1);
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(path, () => Promise.resolve(readFileSync(path, 'utf8')))).toBe(String(process.pid));
  });

  it('is taken over from a dead process', async () => {
    const path = join(home, 'lock');
    writeFileSync(path, '4194000');
    expect(await withLock(path, () => Promise.resolve('in'))).toBe('in');
  });
});
