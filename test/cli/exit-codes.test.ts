import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { exitCodes } from '../../src/errors.js';
import { type CliRun, runCli } from '../support/run-cli.js';

// Each case starts the program, which takes its time on a busy machine.
jest.setTimeout(60_000);

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudops-cli-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** Each: what is run, with which file and environment, and how it ends. */
const cases: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly code: string;
}[] = [
  { name: 'unknown command', args: ['nonsense'], exit: 2, code: 'USAGE' },
  { name: 'unknown flag', args: ['infra', 'plan', '--nonsense'], exit: 2, code: 'USAGE' },
  { name: 'flag without a value', args: ['infra', 'plan', '--region'], exit: 2, code: 'USAGE' },
  { name: 'a value that is no choice', args: ['up', '--via', 'pigeon'], exit: 2, code: 'USAGE' },
  { name: 'a value that is no number', args: ['up', '--ssh-port', 'x'], exit: 2, code: 'USAGE' },
  { name: 'too many arguments', args: ['init', 'extra'], exit: 2, code: 'USAGE' },
  { name: 'bad config', args: ['infra', 'plan'], config: 'projct: x', exit: 2, code: 'CONFIG_INVALID' },
  { name: 'bad flag value', args: ['infra', 'plan', '--project', 'X Y'], exit: 2, code: 'CONFIG_INVALID' },
  {
    name: 'bad variable',
    args: ['infra', 'plan'],
    env: { CLOUDOPS_ENVIRONMENT: 'X Y' },
    exit: 2,
    code: 'CONFIG_INVALID',
  },
  { name: 'missing config', args: ['infra', 'plan', '--config', 'no.yaml'], exit: 2, code: 'CONFIG_INVALID' },
  { name: 'existing file', args: ['init'], config: 'project: demo', exit: 2, code: 'FILE_EXISTS' },
  { name: 'no credentials', args: ['infra', 'plan'], exit: 7, code: 'CREDENTIALS_MISSING' },
  {
    name: 'no such profile',
    args: ['infra', 'plan', '--profile', 'ghost'],
    exit: 7,
    code: 'CREDENTIALS_MISSING',
  },
];

describe('exit codes', () => {
  it.each(cases)('$name: $exit', async ({ args, config, env, exit, code }) => {
    if (config !== undefined) writeFileSync(join(folder, 'cloudops.yaml'), config);
    const [text, json] = await Promise.all([
      runCli(args, { cwd: folder, ...(env && { env }) }),
      runCli([...args, '--json'], { cwd: folder, ...(env && { env }) }),
    ]);
    expect(text).toMatchObject({ code: exit, stdout: '' });
    expect(text.stderr).toMatch(/^Error: .+/);
    expect(text.stderr).toContain(`Code: ${code}`);
    expect(text.stderr).toMatch(/^ {2}Try: .+/m);
    expect(text.stderr).not.toMatch(/^\s+at .+:\d+/m);
    expect(json.code).toBe(exit);
    const { error } = JSON.parse(json.stdout) as { error: Record<string, unknown> };
    expect(Object.keys(error).sort()).toEqual(['code', 'hint', 'message']);
    expect(error).toMatchObject({ code });
  });

  it('prints one JSON document on stdout and NDJSON on stderr', async () => {
    const { code, stdout, stderr } = await runCli(['init', '--json', '--project', 'shop'], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ stack: 'shop-dev', file: join(folder, 'cloudops.yaml') });
    const failed = await runCli(['infra', 'plan', '--json'], { cwd: folder });
    for (const line of failed.stderr.split('\n').filter(Boolean))
      expect(JSON.parse(line)).toHaveProperty('type');
  });

  it('lets a flag beat a variable, a variable the file, the file the default', async () => {
    writeFileSync(join(folder, 'cloudops.yaml'), 'project: filed\nenvironment: filed\nregion: xx');
    const { stdout } = await runCli(['infra', 'plan', '--json', '--environment', 'B B'], {
      cwd: folder,
      env: { CLOUDOPS_PROJECT: 'A A', CLOUDOPS_ENVIRONMENT: 'ok' },
    });
    const { error } = JSON.parse(stdout) as { error: { message: string } };
    expect(error.message).toContain('--project: project:');
    expect(error.message).toContain('--environment: environment:');
    expect(error.message).toContain('cloudops.yaml:3: region:');
  });

  it('shows the table in --help', async () => {
    const { code, stdout } = await runCli(['--help'], { cwd: folder });
    expect(code).toBe(0);
    for (const exit of Object.values(exitCodes)) expect(stdout).toMatch(new RegExp(`^ +${exit} +\\w+`, 'm'));
  });

  it('shows a stack trace only with DEBUG', async () => {
    const { stderr } = await runCli(['infra', 'plan', '--config', 'no.yaml'], {
      cwd: folder,
      env: { DEBUG: 'cloudops*' },
    });
    expect(stderr).toMatch(/^\s+at .+/m);
  });
});

describe('interrupts', () => {
  let server: Server;
  let endpoint = '';
  let asked: () => void;
  let wasAsked: Promise<void>;

  beforeEach(async () => {
    wasAsked = new Promise((resolve) => (asked = resolve));
    // An AWS that answers only after a second.
    server = createServer((_, response) => {
      asked();
      setTimeout(() => response.writeHead(400).end(), 1500);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function interrupted(signals: number, args: readonly string[]): Promise<CliRun & { ms: number }> {
    const began = Date.now();
    let send: (signal: NodeJS.Signals) => void = () => undefined;
    const run = runCli(args, {
      cwd: folder,
      env: { ...keys, AWS_ENDPOINT_URL: endpoint },
      onStart: (kill) => (send = kill),
    });
    await wasAsked;
    for (let sent = 0; sent < signals; sent++) {
      send('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return { ...(await run), ms: Date.now() - began };
  }

  const plan = ['infra', 'plan', '--allow-cidr', '203.0.113.7/32'];

  it('the first lets the calls in flight end, and exits 130 with a way on', async () => {
    const { code, stderr } = await interrupted(1, plan);
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted: finishing the calls in flight');
    expect(stderr).toContain('Run the same command again');
  });

  it('is one JSON document with --json', async () => {
    const { code, stdout } = await interrupted(1, [...plan, '--json']);
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  });

  it('the second ends it at once', async () => {
    const { code, stderr } = await interrupted(2, plan);
    expect(code).toBe(130);
    expect(stderr).not.toContain('Code:');
  });
});
