import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { Aws } from '../infra/resource.js';
import type { AwsTarget } from './aws-target.js';
import { clientPairs } from './client-pairs.js';

/** Whose resources the clients of a run are for, and where they go. */
export interface AwsFacts {
  readonly region: string;
  readonly stack: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly target: AwsTarget;
  /** Factor of all waits between two looks; 1 unless a test hurries. */
  readonly pace?: number;
}

/** The clients of one run, and a check that rejects with `CREDENTIALS_MISSING` (exit 7) when there is no login. */
export interface AwsClients {
  readonly aws: Aws;
  readonly checkCredentials: () => Promise<void>;
}

/**
 * All clients of AWS, made here only. The packages are imported by name, and this file when it is needed: a dynamic
 * import of such a package itself would load all of its several hundred commands.
 */
export function awsClients({ region, stack, tags, target, pace = 1 }: AwsFacts): AwsClients {
  const pairs = clientPairs({ region, target });
  const sts = pairs.of((settings) => new STSClient(settings));
  const aws: Aws = {
    region,
    stack,
    operation: crypto.randomUUID(),
    ec2: pairs.of((settings) => new EC2Client(settings)),
    iam: pairs.of((settings) => new IAMClient(settings)),
    ssm: pairs.of((settings) => new SSMClient(settings)),
    sts,
    elsewhere: (other) => pairs.of((settings) => new EC2Client({ ...settings, region: other })).read,
    quotas: () => Promise.resolve(pairs.of((settings) => new ServiceQuotasClient(settings)).read),
    tags,
    apiCalls: pairs.calls,
    now: pairs.now,
    emulated: pairs.emulated,
    pace,
  };
  return { aws, checkCredentials: () => pairs.checkCredentials(sts.read) };
}
