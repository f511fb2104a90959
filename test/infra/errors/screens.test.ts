import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { STSClient } from '@aws-sdk/client-sts';
import { DescribeInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { clientPairs } from '../../../src/cli/client-pairs.js';
import { failedRun } from '../../../src/cli/failed-run.js';
import { failureText, operatorError } from '../../../src/cli/failure.js';
import { exitCodes } from '../../../src/errors.js';
import type { Aws } from '../../../src/infra/resource.js';
import { applyPlan } from '../../../src/operations/apply-plan.js';
import type { Context } from '../../../src/operations/context.js';
import { planInfra } from '../../../src/operations/plan-infra.js';
import type { Fault } from '../../../src/sandbox/api/server.js';
import type { Request } from '../../../src/sandbox/protocol/request.js';
import { awsAt, type Emulator } from '../../support/aws-at.js';
import { startEmulator } from '../../support/emulator.js';
import { expectGolden } from '../../support/golden.js';
import { configOf } from '../../support/stack.js';
import { failures, faultOf } from './catalogue.js';

let fault: ((request: Request) => Fault | undefined) | undefined;
let emulator: Emulator;
let stateDir = '';

beforeAll(async () => {
  emulator = await startEmulator({ fault: (request) => fault?.(request), limits: { vpcsPerRegion: 100 } });
});
afterAll(() => emulator.close());
afterEach(() => {
  fault = undefined;
  rmSync(stateDir, { recursive: true, force: true });
});

const contextOf = (aws: Aws): Context => ({
  config: configOf({ access: { allowCidrs: ['203.0.113.7/32'] } }),
  stack: 'smartcloudops-dev',
  region: aws.region,
  aws: () => Promise.resolve(aws),
  connect: () => Promise.reject(new Error('no hosts here')),
  on: () => undefined,
  signal: new AbortController().signal,
  sandbox: false,
  stateDir,
});

/** What the operator sees of an up or down, and how the process ends. */
async function screen(aws: Aws, destroy = false): Promise<{ text: string; exit: number }> {
  const context = contextOf(aws);
  try {
    const { report } = await applyPlan(context, await planInfra(context, { destroy }));
    const error = failedRun(report);
    if (error === undefined) throw new Error('it went well');
    return { text: failureText(error), exit: error.exitCode };
  } catch (thrown) {
    const error = operatorError(thrown);
    return { text: failureText(error), exit: error.exitCode };
  }
}

/** Ids and ports differ in each run, and so does the order in which AWS lists hosts. */
function steady(text: string): string {
  return `${sorted(text)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<request id>')
    .replace(/\b(vpc|subnet|i|igw|sg|rtb|eni)-[0-9a-f]{17}\b/g, '$1-<id>')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')}\n`;
}

/** The single errors of several in one order. */
function sorted(text: string): string {
  const [head = '', ...blocks] = text.split(/^(?= {2}Error: )/m);
  const last = blocks.pop() ?? '';
  const end = last.search(/^ {2}Code: TASKS_FAILED/m);
  if (end < 0) return text;
  return [head, ...[...blocks, last.slice(0, end)].sort(), last.slice(end)].join('');
}

describe('what the operator sees when AWS says', () => {
  it.each(failures)(
    '$name: $code',
    async (failure) => {
      stateDir = mkdtempSync(join(tmpdir(), 'cloudops-errors-'));
      const destroy = failure.during === 'down';
      if (destroy) await screen(emulator.aws());
      fault = faultOf(failure);
      const { text, exit } = await screen(emulator.aws(), destroy);
      fault = undefined;
      await screen(emulator.aws(), true);
      expectGolden(`errors/${failure.name}.txt`, steady(text));
      expect(text).toContain(failure.code.replace(/Exception$/, ''));
      expect(text).toMatch(/request [0-9a-f-]{36}|AWS said/);
      expect(text).toMatch(/^ +Code: [A-Z_]+$/m);
      expect(text).toMatch(/^ +Try: ./m);
      expect(exit).toBe(failure.exit);
    },
    60_000,
  );

  it('05: AuthFailure, because the region is not enabled', async () => {
    fault = ({ service, region }) =>
      service === 'ec2' && region === 'ap-east-1'
        ? {
            kind: 'error',
            code: 'AuthFailure',
            message: 'AWS was not able to validate the provided access credentials',
            status: 401,
          }
        : undefined;
    const { text, exit } = await screen(awsAt(emulator.endpoint, 'smartcloudops-dev', 0.004, 'ap-east-1'));
    expectGolden('errors/05-region-not-enabled.txt', steady(text));
    expect(exit).toBe(exitCodes.notPermitted);
  });

  it('24: a host that ends at once, as when AWS cannot use the key of its volume', async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'cloudops-errors-'));
    const aws = emulator.aws();
    let launched = false;
    // Ends it before the program looks at it for the first time.
    fault = ({ action, fields }) => {
      if (action === 'DescribeInstances' && launched && 'Filter' in fields) return { kind: 'delay', ms: 400 };
      if (action === 'RunInstances' && !launched) {
        launched = true;
        setTimeout(() => void endAll(emulator.aws()), 100);
      }
      return undefined;
    };
    const { text, exit } = await screen(aws);
    fault = undefined;
    await screen(emulator.aws(), true);
    expect(text).toContain('INSTANCE_ENDED');
    expect(text).toContain('Client.UserInitiatedShutdown');
    expectGolden('errors/24-host-ended.txt', steady(text));
    expect(exit).toBe(1);
  }, 30_000);
});

async function endAll(aws: Aws): Promise<void> {
  const { Reservations = [] } = await aws.ec2.read.send(new DescribeInstancesCommand({}));
  const InstanceIds = Reservations.flatMap(({ Instances = [] }) => Instances).map(
    ({ InstanceId }) => InstanceId ?? '',
  );
  await aws.ec2.write.send(new TerminateInstancesCommand({ InstanceIds }));
}

describe('what the operator sees when AWS says nothing', () => {
  it.each([
    ['25-refused', 'http://127.0.0.1:9', /ECONNREFUSED/],
    ['25-no-such-host', 'http://no-such-host.invalid', /ENOTFOUND|EAI_AGAIN/],
  ])(
    '%s',
    async (name, endpoint, code) => {
      const { text, exit } = await fromProcess(endpoint);
      expect(text).toMatch(code);
      expectGolden(`errors/${name}.txt`, steady(text).replaceAll('EAI_AGAIN', 'ENOTFOUND'));
      expect(exit).toBe(1);
    },
    60_000,
  );

  it('07: there are no credentials', async () => {
    const target = { profile: 'no-such-profile' };
    const pairs = clientPairs({ region: 'us-east-1', target });
    const { read } = pairs.of((settings) => new STSClient(settings));
    const error = operatorError(
      await pairs.checkCredentials(read).then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
    );
    expectGolden('errors/07-no-credentials.txt', steady(failureText(error)));
    expect(error.exitCode).toBe(exitCodes.notPermitted);
  });
});

/** The whole program in a process of its own: inside jest, Node's errors are not the `Error` that the SDK knows. */
async function fromProcess(endpoint: string): Promise<{ text: string; exit: number | null }> {
  const program = fileURLToPath(new URL('../../../bin/dev.js', import.meta.url));
  const args = [program, 'infra', 'plan', '--allow-cidr', '203.0.113.7/32'];
  const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
  const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), AWS_ENDPOINT_URL: endpoint, ...keys };
  const child = spawn(process.execPath, args, { env, cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  const exit = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { text: text.trimEnd(), exit };
}
