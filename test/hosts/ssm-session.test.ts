import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CloudopsError } from '../../src/errors.js';
import type { Host } from '../../src/hosts/host.js';
import { ssmSession } from '../../src/hosts/ssm-session.js';
import { localRunCommand, type LocalRunCommand } from '../support/local-run-command.js';

const target = { name: 'monitoring', address: 'i-0123456789abcdef0', port: 0, user: 'root' };
const pace = { firstMs: 15, mostMs: 60 };
const never = new AbortController().signal;
const secret = 'correct-horse-battery-staple';

async function session(path?: readonly string[]): Promise<{ host: Host; aws: LocalRunCommand }> {
  const aws = localRunCommand(path);
  return { host: await ssmSession(aws.api, target, pace, never), aws };
}

async function errorOf(promise: Promise<unknown>): Promise<CloudopsError> {
  return (await promise.then(
    () => new Error('it worked'),
    (error: unknown) => error,
  )) as CloudopsError;
}

/** `gone`, or the letter that the kernel has for its state. */
function stateOf(pid: string): string {
  try {
    return /^State:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'gone';
  }
}

const temporary = (): string => mkdtempSync(join(tmpdir(), 'cloudops-test-'));
const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;

describe('a host over SSM', () => {
  it('runs a script with input of its own in one command, both streams and the code apart', async () => {
    const { host, aws } = await session();
    const result = await host.exec('echo out; cat; echo err >&2; exit 7', { stdin: 'pässword' });
    expect(result).toEqual({ code: 7, stdout: 'out\npässword', stderr: 'err\n' });
    expect(aws.orders).toHaveLength(2);
  });

  it('shows nothing of scripts, input and output to whoever reads the command history', async () => {
    const { host, aws } = await session();
    await host.exec(`echo ${secret}; cat`, { stdin: secret });
    await host.put(secret, join(temporary(), 'password'), { mode: 0o600, owner });
    const history = JSON.stringify([aws.orders, aws.answers]);
    expect(history).not.toContain(secret);
    expect(history).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
    // AWS would replace {{...}} in parameters.
    expect(JSON.stringify(aws.orders)).not.toContain('{{');
    for (const { comment } of aws.orders) expect(comment.length).toBeLessThanOrEqual(100);
  });

  it('keeps its files for root alone, and forgets them when it is closed', async () => {
    const { host, aws } = await session();
    await host.exec(`echo ${secret}`);
    const [id = ''] = readdirSync(aws.directory);
    expect(statSync(join(aws.directory, id)).mode & 0o777).toBe(0o700);
    const names = readdirSync(join(aws.directory, id), { recursive: true, encoding: 'utf8' });
    const texts = names
      .map((name) => join(aws.directory, id, name))
      .filter((path) => statSync(path).isFile());
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.filter((path) => readFileSync(path).includes(secret))).toEqual([]);
    await host.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(existsSync(join(aws.directory, id))).toBe(false);
  });

  it('brings a long output back in full, in as many commands as it takes', async () => {
    const { host, aws } = await session();
    const lines: string[] = [];
    const script = 'i=0; while [ $i -lt 20000 ]; do echo "$i $((i * 7919 % 10007)) äöü"; i=$((i+1)); done';
    const { stdout } = await host.exec(script, { onLine: (line) => lines.push(line) });
    expect(lines).toHaveLength(20_000);
    expect(stdout).toBe(lines.map((line) => `${line}\n`).join(''));
    expect(lines[19_999]).toBe(`19999 ${(19_999 * 7919) % 10_007} äöü`);
    expect(aws.orders.length).toBeGreaterThan(4);
  });

  it('puts any bytes in place, in parts when one command cannot carry them', async () => {
    const { host, aws } = await session();
    const path = join(temporary(), "it's a file");
    const bytes = Uint8Array.from({ length: 150_000 }, (_, index) => (index * index * 31) >> 3);
    await host.put(bytes, path, { mode: 0o600, owner });
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Math.max(...aws.orders.map(({ text }) => text.length))).toBeLessThan(40_000);
    expect(await errorOf(host.put('x', '/nowhere/at/all', { owner }))).toMatchObject({
      code: 'FILE_NO_DIRECTORY',
    });
  });

  it('runs a command once, also when the answer to its sending was lost', async () => {
    const { host, aws } = await session();
    const file = join(temporary(), 'count');
    aws.faults.push('lost-after');
    await host.exec(`echo ran >>${file}`);
    expect(readFileSync(file, 'utf8')).toBe('ran\n');
    aws.faults.push('lost-before', 'throttled');
    await host.exec(`echo ran >>${file}`);
    expect(readFileSync(file, 'utf8')).toBe('ran\nran\n');
    // Should it be delivered twice all the same, the second one waits for the first one's result.
    const last = aws.orders.at(-1);
    const again = await aws.api.send(last ?? { instanceId: '', text: '', comment: '', seconds: 1 });
    for (let n = 0; n < 50 && (await aws.api.invocation(again, ''))?.status !== 'Success'; n += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(readFileSync(file, 'utf8')).toBe('ran\nran\n');
    expect(aws.answers.at(-1)?.stdout).toBe(aws.answers.at(-2)?.stdout);
  });

  it('gives up sending after five refusals for the rate, and at once where AWS says no', async () => {
    const { host, aws } = await session();
    aws.faults.push(...Array<'throttled'>(5).fill('throttled'));
    expect(await errorOf(host.exec('true'))).toMatchObject({ code: 'SSM_NOT_ACCEPTED' });
    aws.faults.push('refused');
    expect((await errorOf(host.exec('true'))).message).toBe('refused');
    expect((await host.exec('echo on')).stdout).toBe('on\n');
  });

  it('ends a script that takes too long, or is aborted', async () => {
    const { host, aws } = await session();
    const late = await errorOf(host.exec('sleep 60', { timeoutMs: 500 }));
    expect(late.code).toBe('HOST_COMMAND_TIMEOUT');
    const file = join(temporary(), 'pid');
    const abort = new AbortController();
    const started = setInterval(() => {
      if (!existsSync(file) || readFileSync(file, 'utf8') === '') return;
      clearInterval(started);
      abort.abort();
    }, 20);
    const aborted = await errorOf(host.exec(`echo $$ >${file}; sleep 60`, { signal: abort.signal }));
    expect(aborted).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(aws.cancelled).toHaveLength(1);
    const state = (): string => stateOf(readFileSync(file, 'utf8').trim());
    // A killed process may wait for its turn to end.
    for (let n = 0; n < 100 && !/^(gone|Z)/.test(state()); n += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(state()).toMatch(/^(gone|Z)/);
  });

  it('says so when the host was restarted in the middle', async () => {
    const { host, aws } = await session();
    rmSync(aws.directory, { recursive: true });
    expect(await errorOf(host.exec('true'))).toMatchObject({ code: 'SSM_SESSION_LOST' });
  });

  it('says so when nothing was run because the input did not arrive whole', async () => {
    const { host, aws } = await session();
    const [id = ''] = readdirSync(aws.directory);
    writeFileSync(join(aws.directory, id, 'pass'), 'wrong');
    expect(await errorOf(host.exec('true'))).toMatchObject({ code: 'SSM_INPUT_LOST' });
  });

  it('refuses a host without openssl rather than sending secrets in the clear', async () => {
    const empty = temporary();
    mkdirSync(join(empty, 'bin'));
    const aws = localRunCommand();
    const without = {
      ...aws.api,
      send: (order: Parameters<typeof aws.api.send>[0]) =>
        aws.api.send({ ...order, text: `command() { return 1; }\n${order.text}` }),
    };
    expect(await errorOf(ssmSession(without, target, pace, never))).toMatchObject({ code: 'SSM_NO_OPENSSL' });
  });

  it("tells sudo's refusal and a host that is too much to send to", async () => {
    const { host } = await session();
    const large = Buffer.from(Array.from({ length: 9_000_000 }, () => Math.floor(Math.random() * 256)));
    expect(await errorOf(host.exec('true', { stdin: large }))).toMatchObject({ code: 'SSM_INPUT_TOO_LARGE' });
  });
});
