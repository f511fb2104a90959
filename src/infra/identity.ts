import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Aws } from './resource.js';

/** Who AWS takes the operator for. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** Asks AWS who calls: one call, which needs no permission. */
export async function callerIdentity(aws: Aws): Promise<Identity> {
  const { Account, Arn } = await aws.sts.read.send(new GetCallerIdentityCommand({}));
  return { account: Account ?? 'unknown', arn: Arn ?? 'unknown' };
}
