import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { awsAt, type Emulator } from './aws-at.js';

const checks = {
  MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
  MOTO_ENABLE_KEYPAIR_VALIDATION: '1',
  MOTO_ENABLE_AMI_VALIDATION: '1',
  MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION: '1',
};

/** Starts a `moto_server` of its own on a free port; it takes a few seconds. `close` ends it by its id. */
export async function startMoto(): Promise<Emulator> {
  const port = await freePort();
  const child = spawn('moto_server', ['-p', String(port)], {
    env: { ...process.env, ...checks },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  const limit = Date.now() + 60_000;
  while (!(await answers(endpoint))) {
    if (Date.now() > limit || child.exitCode !== null) throw new Error('moto_server did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    endpoint,
    aws: (stack) => awsAt(endpoint, stack),
    close: async () => {
      child.kill();
      await ended;
    },
  };
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/moto-api/data.json`).then(
    (answer) => answer.ok,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
