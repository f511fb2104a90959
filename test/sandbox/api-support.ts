import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { generateKeyPairSync } from 'node:crypto';
import { startServer, type SandboxServer, type ServerOptions } from '../../src/sandbox/api/server.js';
import { memoryStore } from '../../src/sandbox/store.js';

/** A sandbox API in this process, with the official clients for it. */
export interface Sandbox {
  readonly server: SandboxServer;
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly ssm: SSMClient;
  readonly sts: STSClient;
  /** The same for another region. */
  ec2In(region: string): EC2Client;
  close(): Promise<void>;
}

export async function startSandbox(options: Partial<ServerOptions> = {}): Promise<Sandbox> {
  const server = await startServer({
    machines: undefined,
    store: memoryStore(),
    port: 0,
    hosts: ['127.0.0.1'],
    transitionMs: 0,
    ...options,
  });
  const settings = (region: string) => ({
    region,
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const common = settings('us-east-1');
  const clients = { ec2: new EC2Client(common), iam: new IAMClient(common), ssm: new SSMClient(common) };
  const sts = new STSClient(common);
  return {
    server,
    ...clients,
    sts,
    ec2In: (region) => new EC2Client(settings(region)),
    async close() {
      for (const client of [...Object.values(clients), sts]) client.destroy();
      await server.close();
    },
  };
}

/** A fresh OpenSSH ed25519 public key. */
export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const part = (bytes: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(raw)]);
  return `ssh-ed25519 ${blob.toString('base64')} test`;
}

/** The code of the error a call is refused with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { Code, name } = error as { Code?: string; name: string };
    return Code ?? name;
  }
  return 'no error';
}
