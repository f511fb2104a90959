import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import { CloudopsError, exitCodes } from '../../errors.js';
import type { Aws } from '../resource.js';

/** Every account may use it without enabling it. */
const always = 'us-east-1';

/**
 * EC2 answers AuthFailure in a region that the account hasn't enabled, as it does for a wrong key. The error that says
 * so, when another region knows that this one isn't enabled.
 */
export async function regionNotEnabled(aws: Aws, cause: unknown): Promise<CloudopsError | undefined> {
  const status = await optInStatus(aws).catch(() => undefined);
  if (status !== 'not-opted-in') return undefined;
  return new CloudopsError({
    code: 'REGION_NOT_ENABLED',
    what: `The region ${aws.region} is not enabled for this account.`,
    why: `EC2 answers AuthFailure there, and DescribeRegions in ${always} says ${status}.`,
    fix: [
      `Enable it: 'aws account enable-region --region-name ${aws.region}'; it takes minutes to hours.`,
      "Or use another '--region'.",
    ],
    exit: exitCodes.notPermitted,
    cause,
  });
}

async function optInStatus(aws: Aws): Promise<string | undefined> {
  const command = new DescribeRegionsCommand({ RegionNames: [aws.region], AllRegions: true });
  const answer = await aws.elsewhere?.(always).send(command);
  return answer?.Regions?.[0]?.OptInStatus;
}
