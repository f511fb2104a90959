import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { inspect, looksOf } from '../../src/hosts/converge.js';
import { ask } from '../../src/hosts/glance.js';
import { file } from '../../src/hosts/steps/file.js';
import { forgetLooks, rememberedLooks, rememberLooks } from '../../src/operations/remembered-looks.js';
import { fakeHost } from '../support/fake-host.js';

const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;

function twoFiles(): { readonly root: string; readonly steps: ReturnType<typeof file>[] } {
  const root = mkdtempSync(join(tmpdir(), 'cloudops-test-'));
  writeFileSync(join(root, 'a'), 'one', { mode: 0o644 });
  const steps = ['a', 'b'].map((name) => file({ path: join(root, name), content: 'one', owner }));
  return { root, steps };
}

describe('a question with looks along', () => {
  it('answers, and spares the look that was guessed right', async () => {
    const { root, steps } = twoFiles();
    const host = fakeHost();
    const { answer, glance } = await ask(host, 'echo os=debian; echo arch=x', looksOf(steps));
    expect(answer.trim().split('\n')).toEqual(['os=debian', 'arch=x']);
    expect(await inspect(host, steps, glance)).toEqual([{ step: `file ${root}/b`, detail: 'missing' }]);
    expect(host.trips).toHaveLength(1);
  });

  it('is the same for steps whose contents changed: what is wanted of a host is not in it', () => {
    const { root, steps } = twoFiles();
    const others = ['a', 'b'].map((name) => file({ path: join(root, name), content: 'two', owner }));
    expect(looksOf(others)).toBe(looksOf(steps));
    expect(looksOf(steps)).not.toContain('one');
  });

  it('looks again where the guess was wrong', async () => {
    const { root, steps } = twoFiles();
    const host = fakeHost();
    const { glance } = await ask(host, 'true', looksOf(steps.slice(0, 1)));
    expect(await inspect(host, steps, glance)).toEqual([{ step: `file ${root}/b`, detail: 'missing' }]);
    expect(host.trips).toHaveLength(2);
  });

  it('gives no glance of looks that broke off, of nonsense, or of none', async () => {
    for (const looks of ['exit 3', 'if then', '', undefined]) {
      const { answer, glance } = await ask(fakeHost(), 'echo answer', looks);
      expect(answer.trim()).toBe('answer');
      expect(glance?.frames.size ?? 0).toBe(0);
    }
  });

  it('rejects an answer that is cut off', async () => {
    await expect(ask(fakeHost(), 'echo half; exit 0', 'true')).rejects.toMatchObject({
      code: 'HOST_LOOK_CUT_OFF',
    });
  });
});

describe('looks that are remembered', () => {
  const record = {
    name: 'web',
    role: 'application' as const,
    address: 'fe80::1%eth0/../x',
    privateAddress: undefined,
  };

  it('are kept by host, 0600, until they are forgotten', async () => {
    const stateDir = join(mkdtempSync(join(tmpdir(), 'cloudops-test-')), 'state');
    const one = { ...record, instanceId: undefined };
    const other = { ...record, instanceId: 'i-0abc' };
    expect(await rememberedLooks(stateDir, one)).toBeUndefined();
    await rememberLooks(stateDir, one, 'true # a');
    await rememberLooks(stateDir, other, 'true # b');
    expect(await rememberedLooks(stateDir, one)).toBe('true # a');
    const path = join(stateDir, 'looks', 'i-0abc.sh');
    expect(readFileSync(path, 'utf8')).toBe('true # b');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await forgetLooks(stateDir);
    expect(await rememberedLooks(stateDir, other)).toBeUndefined();
  });
});
