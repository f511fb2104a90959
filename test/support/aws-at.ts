import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { clientPairs } from '../../src/cli/client-pairs.js';
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
  const pairs = clientPairs({ region, target: { endpoint, credentials } });
  return {
    region,
    stack,
    operation: crypto.randomUUID(),
    ec2: pairs.of((settings) => new EC2Client(settings)),
    iam: pairs.of((settings) => new IAMClient(settings)),
    ssm: pairs.of((settings) => new SSMClient(settings)),
    sts: pairs.of((settings) => new STSClient(settings)),
    elsewhere: (other) => pairs.of((settings) => new EC2Client({ ...settings, region: other })).read,
    quotas: async () => Promise.resolve(pairs.of((settings) => new ServiceQuotasClient(settings)).read),
    tags: {},
    apiCalls: pairs.calls,
    now: pairs.now,
    emulated: pairs.emulated,
    pace,
  };
}

/** An emulator that a suite talks to. */
export interface Emulator {
  readonly endpoint: string;
  aws(stack?: string): Aws;
  close(): Promise<void>;
}
