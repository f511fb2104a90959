import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { runCli } from '../support/run-cli.js';

// Each case starts the program, which takes its time on a busy machine.
jest.setTimeout(60_000);

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudops-init-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('init writes what the flags say, overwrites only with --force, and --print writes nothing', async () => {
  const cwd = folder;
  const file = (): Record<string, unknown> =>
    parse(readFileSync(join(folder, 'cloudops.yaml'), 'utf8')) as Record<string, unknown>;
  const printed = await runCli(['init', '--print', '--project', 'paper'], { cwd });
  expect(parse(printed.stdout)).toMatchObject({ project: 'paper' });
  expect((await runCli(['init', '--project', 'one', '--allow-cidr', '10.1.0.0/16'], { cwd })).code).toBe(0);
  expect(file()).toMatchObject({ project: 'one', access: { allowCidrs: ['10.1.0.0/16'] } });
  expect((await runCli(['init', '--project', 'two'], { cwd })).code).toBe(2);
  expect(file()).toMatchObject({ project: 'one' });
  expect((await runCli(['init', '--project', 'two', '--force'], { cwd })).code).toBe(0);
  expect(file()).toMatchObject({ project: 'two' });
});
