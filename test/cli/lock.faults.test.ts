import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readEntries } from '../../src/infra/lock/parameters.js';
import type { Fault } from '../../src/sandbox/api/server.js';
import type { Request } from '../../src/sandbox/protocol/request.js';
import type { Emulator } from '../support/aws-at.js';
import { startEmulator } from '../support/emulator.js';

const program = fileURLToPath(new URL('../../bin/dev.js', import.meta.url));

let emulator: Emulator;
let home = '';
let fault: ((request: Request) => Fault | undefined) | undefined;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'cloudops-lock-cli-'));
  fault = undefined;
  emulator = await startEmulator({ fault: (request) => fault?.(request) });
});
afterEach(async () => {
  await emulator.close();
  rmSync(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** The program in a process of its own. */
function start(...args: string[]): { kill(signal: NodeJS.Signals): void; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: home,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, text })));
  return { kill: (signal) => void child.kill(signal), ended };
}

const up = (...more: string[]): ReturnType<typeof start> =>
  start('infra', 'up', '--yes', '--allow-cidr', '203.0.113.7/32', ...more);

/** Resolves when the program is in the middle of its writes; each CreateVpc then takes twelve seconds. */
function inTheMiddle(): Promise<void> {
  return new Promise((resolve) => {
    fault = ({ action }) => {
      if (action !== 'CreateVpc') return undefined;
      resolve();
      return { kind: 'delay', ms: 12_000 };
    };
  });
}

const newest = async (): Promise<string | undefined> =>
  (await readEntries(emulator.aws())).at(-1)?.lease.state;

it('the lock of a killed process is taken over at once on the same machine', async () => {
  const middle = inTheMiddle();
  const killed = up();
  await middle;
  killed.kill('SIGKILL');
  await killed.ended;
  expect(await newest()).toBe('held');
  fault = undefined;
  const { code, text } = await up().ended;
  expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining('its process has ended') });
  expect(await newest()).toBe('released');
}, 60_000);

it('a second run is refused with exit 6, and an interrupt gives the lock back', async () => {
  const middle = inTheMiddle();
  const first = up();
  await middle;
  const second = await up().ended;
  expect(second).toEqual({ code: 6, text: expect.stringMatching(/Lock 1 is held by .+'cloudops infra up'/) });
  first.kill('SIGINT');
  expect((await first.ended).code).toBe(130);
  expect(await newest()).toBe('released');
}, 60_000);

it('unlock shows the holder, and takes the lock away only when told to', async () => {
  expect(await start('infra', 'unlock').ended).toEqual({
    code: 0,
    text: expect.stringContaining('Nobody holds'),
  });
  const middle = inTheMiddle();
  const first = up();
  await middle;
  fault = undefined;
  const asked = await start('infra', 'unlock').ended;
  expect(asked).toEqual({ code: 2, text: expect.stringContaining("Give '--yes'") });
  const done = await start('infra', 'unlock', '--yes').ended;
  expect(done).toEqual({ code: 0, text: expect.stringContaining('It is free now.') });
  first.kill('SIGKILL');
  await first.ended;
}, 60_000);
