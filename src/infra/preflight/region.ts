import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import { CloudopsError, exitCodes } from '../../errors.js';
import { explain } from '../aws-errors.js';
import { codeOf } from '../faults.js';
import type { Aws } from '../resource.js';

/** Every account may use it without enabling it. */
const always = 'us-east-1';

/**
 * `explain`, but what AWS calls bad credentials may be a region that the account hasn't enabled: another region is
 * asked before the operator is sent to look for a wrong key.
 */
export async function explainInRegion(aws: Aws, error: unknown, doing: string): Promise<Error> {
  if (codeOf(error) !== 'AuthFailure' || aws.elsewhere === undefined) return explain(error, doing);
  const status = await optInStatus(aws).catch(() => undefined);
  if (status !== 'not-opted-in') return explain(error, doing);
  return new CloudopsError({
    code: 'REGION_NOT_ENABLED',
    what: `The region ${aws.region} is not enabled for this account.`,
    why: `AWS answers AuthFailure there, and DescribeRegions in ${always} says ${status}.`,
    fix: [
      `Enable it: 'aws account enable-region --region-name ${aws.region}'; it takes minutes to hours.`,
      "Or use another '--region'.",
    ],
    exit: exitCodes.notPermitted,
    cause: error,
  });
}

async function optInStatus(aws: Aws): Promise<string | undefined> {
  const command = new DescribeRegionsCommand({ RegionNames: [aws.region], AllRegions: true });
  const answer = await aws.elsewhere?.(always).send(command);
  return answer?.Regions?.[0]?.OptInStatus;
}
