import { afterEach, describe, expect, it } from '@jest/globals';
import { acquire, glance } from '../../../src/infra/lock/lock.js';
import { readEntries } from '../../../src/infra/lock/parameters.js';
import type { Emulator } from '../../support/aws-at.js';
import { startEmulator } from '../../support/emulator.js';
import { lockCases } from './lock-cases.js';

describe('the lock on the sandbox', () => lockCases(() => startEmulator()));

describe('when a claim goes wrong', () => {
  let emulator: Emulator | undefined;
  afterEach(() => emulator?.close());
  const request = {
    command: 'infra up',
    owner: 'me',
    waitMs: 0,
    signal: new AbortController().signal,
    waiting: () => undefined,
    lost: () => undefined,
  };

  it('finds its own lease after the answer got lost', async () => {
    let dropped = false;
    emulator = await startEmulator({
      fault: ({ action }) => {
        if (action !== 'PutParameter' || dropped) return undefined;
        dropped = true;
        return { kind: 'drop' };
      },
    });
    const aws = emulator.aws();
    const lock = await acquire(aws, { ...request, glance: await glance(aws) });
    expect({ dropped, number: lock.number }).toEqual({ dropped: true, number: 1 });
    await lock.release();
    expect(await readEntries(aws)).toHaveLength(1);
  });

  it('passes over a name that AWS still holds on to after its deletion', async () => {
    emulator = await startEmulator({
      fault: ({ action, json }) =>
        action === 'PutParameter' && String(json['Name']).endsWith('/lock/1')
          ? { kind: 'error', code: 'ParameterAlreadyExists', message: 'It exists.', status: 400 }
          : undefined,
    });
    const aws = emulator.aws();
    expect((await acquire(aws, { ...request, glance: await glance(aws) })).number).toBe(2);
  });
});
