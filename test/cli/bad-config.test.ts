import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runCli } from '../support/run-cli.js';
import { badConfigs } from '../config/bad-configs.js';

// Each case starts the program, which takes its time on a busy machine.
jest.setTimeout(90_000);

const stack = 'smartcloudops-dev';

/** Every command that would talk to AWS, as a script would run it. */
const commands: readonly (readonly string[])[] = [
  ['up', '--yes'],
  ['down', '--confirm', stack],
  ['infra', 'plan'],
  ['infra', 'up', '--yes'],
  ['infra', 'down', '--confirm', stack],
  ['infra', 'status'],
  ['infra', 'output'],
  ['infra', 'preflight'],
  ['infra', 'orphans'],
  ['infra', 'refresh-ip', '--yes'],
  ['infra', 'pause', '--yes'],
  ['infra', 'resume', '--yes'],
  ['infra', 'unlock', '--yes'],
  ['monitoring', 'configure', '--yes'],
  ['dashboards', 'upload'],
  ['verify'],
];

describe('a bad config', () => {
  let folder: string;
  let asked: string[];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(500).end();
  });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cloudops-bad-'));
    asked = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it(`of ${2 * commands.length} kinds never reaches AWS, whatever the command, and ends with 2`, async () => {
    const { port } = server.address() as AddressInfo;
    const env = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    };
    // Two for each command; what each complaint says is tested where the config is.
    const waiting = [...badConfigs.entries()].slice(0, 2 * commands.length);
    expect(waiting.length).toBeGreaterThanOrEqual(30);
    const wrong: unknown[] = [];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, [name, text]] = next;
        const file = join(folder, `${index}.yaml`);
        writeFileSync(file, text);
        const command = commands[index % commands.length] ?? [];
        const ran = await runCli([...command, '--json', '--config', file], { cwd: folder, env });
        const isTold = /"code": "CONFIG_INVALID"/.test(ran.stdout) && ran.stdout.includes(`${index}.yaml`);
        if (ran.code !== 2 || !isTold) wrong.push([name, command, ran]);
      }
    };
    await Promise.all([work(), work(), work()]);
    expect(wrong).toEqual([]);
    expect(asked).toEqual([]);
  });
});
