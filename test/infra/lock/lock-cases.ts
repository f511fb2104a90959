import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { acquire, breakLock, glance, holderIn, LockHeld } from '../../../src/infra/lock/lock.js';
import type { Lock } from '../../../src/infra/lock/held-lock.js';
import { claim, readEntries } from '../../../src/infra/lock/parameters.js';
import { type ProcessIdentity, thisProcess } from '../../../src/infra/lock/process-identity.js';
import type { Aws } from '../../../src/infra/resource.js';
import type { Emulator } from '../../support/aws-at.js';

const elsewhere = (name: string): ProcessIdentity => ({
  ...thisProcess(),
  host: `host-of-${name}`,
  machine: name,
});

interface Options {
  readonly waitMs?: number;
  readonly self?: ProcessIdentity;
  readonly told?: string[];
}

async function take(aws: Aws, { waitMs = 0, self = thisProcess(), told = [] }: Options = {}): Promise<Lock> {
  return acquire(aws, {
    command: 'infra up',
    owner: 'arn:aws:iam::000000000000:user/operator',
    glance: await glance(aws),
    waitMs,
    signal: new AbortController().signal,
    waiting: ({ number }) => told.push(`waits for ${number}`),
    lost: ({ number }) => told.push(`lost to ${number}`),
    self,
  });
}

/** What holds for the lock on every implementation of SSM. */
export function lockCases(start: () => Promise<Emulator>): void {
  let emulator: Emulator;
  let stacks = 0;
  const nextStack = (): string => `lock-${(stacks += 1)}`;
  beforeAll(async () => {
    emulator = await start();
  }, 90_000);
  afterAll(() => emulator.close());

  it('gives it to one of 24 who try at once', async () => {
    const stack = nextStack();
    const told: string[] = [];
    const tries = await Promise.allSettled(
      Array.from({ length: 24 }, () => take(emulator.aws(stack), { told })),
    );
    const won = tries.filter((one) => one.status === 'fulfilled');
    expect(won.map(({ value }) => value.number)).toEqual([1]);
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(LockHeld);
    await won[0]?.value.release();
    expect(await readEntries(emulator.aws(stack))).toMatchObject([
      { number: 1, lease: { state: 'released', command: 'infra up' } },
    ]);
  }, 30_000);

  it('waits for its turn, and says then that things have moved', async () => {
    const stack = nextStack();
    const told: string[] = [];
    const first = await take(emulator.aws(stack));
    expect(first.moved).toBe(false);
    const second = take(emulator.aws(stack), { waitMs: 20_000, told });
    setTimeout(() => void first.release(), 150);
    const got = await second;
    expect({ number: got.number, moved: got.moved, told }).toEqual({
      number: 2,
      moved: true,
      told: ['waits for 1'],
    });
    await got.release();
  }, 30_000);

  it('keeps the newest leases only, and nothing after a remove', async () => {
    const stack = nextStack();
    for (let count = 0; count < 8; count += 1) await (await take(emulator.aws(stack))).release();
    const numbers = (await readEntries(emulator.aws(stack))).map(({ number }) => number);
    expect(numbers).toEqual([4, 5, 6, 7, 8]);
    await (await take(emulator.aws(stack))).remove();
    expect(await readEntries(emulator.aws(stack))).toEqual([]);
  }, 30_000);

  it('takes over at once from a dead process of the same user on this machine, and from no other', async () => {
    const stack = nextStack();
    // No Linux process has this id: the highest possible one is 4194304.
    const dead = { ...thisProcess(), pid: 4_194_305 };
    await take(emulator.aws(stack), { self: dead });
    const got = await take(emulator.aws(stack));
    expect(got.tookOver).toMatchObject({ because: 'dead', from: { number: 1 } });
    expect(got.moved).toBe(true);
    await got.release();
    await take(emulator.aws(stack), { self: { ...dead, machine: 'another' } });
    await expect(take(emulator.aws(stack))).rejects.toThrow(LockHeld);
    await breakLock(emulator.aws(stack), 'infra unlock', 'me');
    await take(emulator.aws(stack), { self: { ...dead, user: 'somebody-else' } });
    await expect(take(emulator.aws(stack))).rejects.toThrow(LockHeld);
  });

  it('knows a process id that was given out again', async () => {
    const stack = nextStack();
    await take(emulator.aws(stack), { self: { ...thisProcess(), started: '1' } });
    expect((await take(emulator.aws(stack))).tookOver).toMatchObject({ because: 'dead' });
  });

  it('takes over from another machine only when the lease is over by the clock of AWS', async () => {
    const stack = nextStack();
    await take(emulator.aws(stack), { self: elsewhere('far') });
    const late = (minutes: number): Aws => {
      const aws = emulator.aws(stack);
      return { ...aws, now: () => aws.now() + minutes * 60_000 };
    };
    await expect(take(late(9))).rejects.toThrow(LockHeld);
    const got = await take(late(11));
    expect(got.tookOver).toMatchObject({ because: 'expired', from: { lease: { host: 'host-of-far' } } });
  });

  it('renews itself, and notices when it is taken away', async () => {
    const stack = nextStack();
    const told: string[] = [];
    const lock = await take(emulator.aws(stack), { self: elsewhere('far'), told });
    const [before] = await readEntries(emulator.aws(stack));
    await until(async () => {
      const [now] = await readEntries(emulator.aws(stack));
      return now?.lease.expires !== before?.lease.expires;
    });
    await breakLock(emulator.aws(stack), 'infra unlock', 'me');
    expect(holderIn(await glance(emulator.aws(stack)), Date.now())).toBeUndefined();
    await until(() => told.length > 0);
    expect(told).toEqual(['lost to 2']);
    await lock.release();
    expect(await readEntries(emulator.aws(stack))).toMatchObject([{ number: 1 }, { number: 2 }]);
  }, 30_000);

  it('treats a value that is no lease as held until it expires', async () => {
    const stack = nextStack();
    const aws = emulator.aws(stack);
    await claim(aws, 1, 'nonsense' as never);
    await expect(take(emulator.aws(stack))).rejects.toThrow(LockHeld);
  });
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 50));
}
