import { paginateDescribeVpcs, type Vpc } from '@aws-sdk/client-ec2';
import { gather } from '../pages.js';
import type { Aws } from '../resource.js';
import { tagRecord } from '../tags.js';
import { type PreflightFinding, skipped } from './finding.js';
import { serviceQuota } from './service-quota.js';

const id = 'vpc-quota';

/** AWS's default; quotas are raised, never lowered below it. */
const usual = 5;

/** Whether the region has room for `wanted` more VPCs; not asked of an emulator. The quota itself is asked for only when the default is used up. */
export async function checkVpcQuota(aws: Aws, wanted: number): Promise<PreflightFinding> {
  if (aws.emulated()) return skipped(id, 'An emulator has no quotas to ask for.');
  const vpcs = await gather(paginateDescribeVpcs({ client: aws.ec2.read }, {}), (page) => page.Vpcs);
  if (vpcs.length + wanted <= usual) return judgeVpcQuota(vpcs.map(nameOf), wanted, usual);
  return judgeVpcQuota(vpcs.map(nameOf), wanted, await serviceQuota(aws, 'vpc', 'L-F678F1CE'));
}

function nameOf({ VpcId = '', Tags }: Vpc): string {
  const name = tagRecord(Tags)['Name'];
  return name === undefined ? VpcId : `${VpcId} (${name})`;
}

/** Pure: `quota` is a number, or why there is none. */
export function judgeVpcQuota(
  present: readonly string[],
  wanted: number,
  quota: number | string,
): PreflightFinding {
  const count = present.length;
  if (typeof quota === 'string') return skipped(id, `There are ${count} VPCs in the region; ${quota}.`);
  const saw = `${count} of ${quota} VPCs of the region are in use`;
  if (count + wanted <= quota) return { id, status: 'ok', saw: `${saw}.` };
  return {
    id,
    status: 'failed',
    code: 'QUOTA_EXCEEDED',
    saw: `${saw}, and the stack needs ${wanted} more: ${present.join(', ')}.`,
    fix: [
      "Delete a VPC that nothing needs, use another '--region', or name one to use in 'network.vpcId'.",
      'Or ask for more: Service Quotas, Amazon VPC, quota L-F678F1CE.',
    ],
  };
}
