import { awsClients } from '../../src/cli/aws-clients.js';
import type { Aws } from '../../src/infra/resource.js';

/** The clients that the program would use, at an emulator's endpoint, with waits made short. */
export function awsAt(
  endpoint: string,
  stack = 'smartcloudops-dev',
  pace = 0.004,
  region = 'us-east-1',
): Aws {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return awsClients({ region, stack, tags: {}, target: { endpoint, credentials }, pace }).aws;
}

/** An emulator that a suite talks to. */
export interface Emulator {
  readonly endpoint: string;
  aws(stack?: string): Aws;
  close(): Promise<void>;
}
