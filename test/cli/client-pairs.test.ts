import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ClientPairs, clientPairs } from '../../src/cli/client-pairs.js';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

type Answer = (request: IncomingMessage, response: ServerResponse, number: number) => void;

let server: Server;
let asked: { readonly action: string; readonly date: string }[];
let answer: Answer;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const action = /Action=(\w+)/.exec(body)?.[1] ?? '';
      asked.push({ action, date: String(request.headers['x-amz-date']) });
      answer(request, response, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function pairs(limits?: Parameters<typeof clientPairs>[0]['limits']): ClientPairs {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return clientPairs({ region: 'us-east-1', target: { endpoint, credentials }, ...(limits && { limits }) });
}

const broken: Answer = (_, response) => void response.writeHead(503).end();
const vpcs: Answer = (_, response) =>
  void response
    .writeHead(200, { 'content-type': 'text/xml' })
    .end(
      '<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet/></DescribeVpcsResponse>',
    );
const actions = (): string[] => asked.map(({ action }) => action);

describe('client pairs', () => {
  it('a writer tries once, whatever comes back', async () => {
    answer = broken;
    const made = pairs();
    const { write } = made.of((settings) => new EC2Client(settings));
    await expect(write.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).rejects.toMatchObject({
      $metadata: { attempts: 1 },
    });
    expect(actions()).toEqual(['CreateVpc']);
    expect(made.calls()).toBe(1);
  });

  it('a reader tries again, and every request counts', async () => {
    answer = (request, response, number) => (number < 3 ? broken : vpcs)(request, response, number);
    const made = pairs();
    const { read } = made.of((settings) => new EC2Client(settings));
    expect((await read.send(new DescribeVpcsCommand({}))).Vpcs ?? []).toEqual([]);
    expect(actions()).toEqual(['DescribeVpcs', 'DescribeVpcs', 'DescribeVpcs']);
    expect(made.calls()).toBe(3);
  });

  it('gives up a service that takes the request and never answers', async () => {
    answer = () => undefined;
    const { write } = pairs({ connectionTimeout: 200, requestTimeout: 300 }).of(
      (settings) => new EC2Client(settings),
    );
    const began = Date.now();
    await expect(write.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(Date.now() - began).toBeLessThan(3000);
    expect(actions()).toEqual(['CreateVpc']);
  });

  it('what one client learns of the clock, all know: a writer has no second try to learn it by', async () => {
    const hour = 3_600_000;
    // A service whose clock is an hour ahead and refuses what is older than five minutes.
    answer = (request, response, number) => {
      const now = Date.now() + hour;
      response.setHeader('date', new Date(now).toUTCString());
      if (now - timeOf(asked.at(-1)!.date) < 300_000) {
        vpcs(request, response, number);
        return;
      }
      const code = '<Code>RequestExpired</Code><Message>Request has expired.</Message>';
      response
        .writeHead(400, { 'content-type': 'text/xml' })
        .end(`<Response><Errors><Error>${code}</Error></Errors><RequestID>r</RequestID></Response>`);
    };
    const made = pairs();
    const { write: unaware } = made.of((settings) => new EC2Client(settings));
    const { read } = made.of((settings) => new EC2Client(settings));
    await read.send(new DescribeVpcsCommand({}));
    expect(asked).toHaveLength(2);
    await unaware.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    expect(actions()).toEqual(['DescribeVpcs', 'DescribeVpcs', 'CreateVpc']);
    const { read: sts } = made.of((settings) => new STSClient(settings));
    await sts.send(new GetCallerIdentityCommand({})).catch(() => undefined);
    expect(timeOf(asked.at(-1)!.date)).toBeGreaterThan(Date.now() + hour - 60_000);
  });

  it('says what to do when there are no credentials', async () => {
    const none = { config: { credentials: () => Promise.reject(new Error('Could not load credentials')) } };
    await expect(pairs().checkCredentials(none)).rejects.toMatchObject({
      code: 'CREDENTIALS_MISSING',
      exitCode: 7,
      why: 'The AWS SDK says: Could not load credentials',
    });
  });
});

/** `20260102T030405Z` as milliseconds. */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
