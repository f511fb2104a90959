import { describe, expect, it } from '@jest/globals';
import { CloudopsError } from '../../src/errors.js';
import { autoConnect } from '../../src/hosts/auto-connect.js';
import type { Connect, Host, HostRecord } from '../../src/hosts/host.js';
import { fakeHost } from '../support/fake-host.js';

const record: HostRecord = {
  name: 'monitoring',
  role: 'monitoring',
  address: '203.0.113.5',
  privateAddress: undefined,
  instanceId: 'i-0123456789abcdef0',
};
const never = new AbortController().signal;
const gives =
  (name: string): Connect =>
  () =>
    Promise.resolve(fakeHost({ name }));
const fails =
  (code: string): Connect =>
  () =>
    Promise.reject(new CloudopsError({ code, what: `It is ${code}.` }));
/** Waits for a host as ssh does: until it is aborted. */
const hangs: Connect = (_record, signal) =>
  new Promise<Host>((_, reject) => {
    signal.addEventListener('abort', () =>
      reject(new CloudopsError({ code: 'INTERRUPTED', what: 'stopped' })),
    );
  });

function connect(
  ssh: Connect,
  online: boolean,
  to: HostRecord = record,
): { readonly host: Promise<Host>; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const options = { ssh, ssm: gives('by ssm'), online: () => Promise.resolve(online), patienceMs: 20 };
  return { host: autoConnect({ ...options, note: (text) => notes.push(text) })(to, never), notes };
}

describe('--via auto', () => {
  it('is SSH where that works, without a word', async () => {
    const { host, notes } = connect(gives('by ssh'), true);
    expect((await host).name).toBe('by ssh');
    expect(notes).toEqual([]);
  });

  it.each(['SSH_UNREACHABLE', 'SSH_LOGIN_REFUSED', 'SSH_NO_ADDRESS', 'SSH_HOST_BOOTING'])(
    'is SSM with a note that says why after %s',
    async (code) => {
      const { host, notes } = connect(fails(code), true);
      expect((await host).name).toBe('by ssm');
      expect(notes).toEqual([`monitoring: reached over SSM instead of SSH. It is ${code}.`]);
    },
  );

  it('does not wait for the end of SSH when SSM is there', async () => {
    const { host, notes } = connect(hangs, true);
    expect((await host).name).toBe('by ssm');
    expect(notes).toHaveLength(1);
  });

  it("keeps SSH's error where SSM can't help", async () => {
    await expect(connect(fails('SSH_LOGIN_REFUSED'), false).host).rejects.toMatchObject({
      code: 'SSH_LOGIN_REFUSED',
    });
    const stranger = { ...record, instanceId: undefined };
    await expect(connect(fails('SSH_UNREACHABLE'), true, stranger).host).rejects.toMatchObject({
      code: 'SSH_UNREACHABLE',
    });
  });

  it('never goes around a host key that changed or that nobody knows', async () => {
    for (const code of ['SSH_HOST_KEY_CHANGED', 'SSH_HOST_KEY_UNKNOWN', 'INTERRUPTED'])
      await expect(connect(fails(code), true).host).rejects.toMatchObject({ code });
  });
});
