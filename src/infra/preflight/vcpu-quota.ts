import { type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { gather } from '../pages.js';
import type { Aws } from '../resource.js';
import { type PreflightFinding, skipped } from './finding.js';
import type { TypeFacts } from './instance-types.js';
import { serviceQuota } from './service-quota.js';

const id = 'vcpu-quota';

/** The families that share the quota 'Running On-Demand Standard instances'. */
const standard = /^[acdhimrtz]\d/;

/** Whether the account may run the vCPUs of the wanted instances beside those that run. */
export async function checkVcpuQuota(
  aws: Aws,
  wanted: ReadonlyMap<string, number>,
  types: readonly TypeFacts[],
): Promise<PreflightFinding> {
  const needed = types
    .filter(({ type }) => standard.test(type))
    .reduce((sum, { type, vcpus }) => sum + vcpus * (wanted.get(type) ?? 0), 0);
  if (needed === 0) return skipped(id, 'The instance types have quotas of their own.');
  const quota = await serviceQuota(aws, 'ec2', 'L-1216C47A');
  if (typeof quota === 'string') return skipped(id, `The stack needs ${needed} vCPUs; ${quota}.`);
  return judgeVcpuQuota(await vcpusInUse(aws), needed, quota);
}

/** Of all on-demand instances of the region, ours or not. */
async function vcpusInUse(aws: Aws): Promise<number> {
  const Filters = [{ Name: 'instance-state-name', Values: ['pending', 'running'] }];
  const pages = paginateDescribeInstances({ client: aws.ec2.read, pageSize: 1_000 }, { Filters });
  const instances = await gather(pages, (page) => page.Reservations?.flatMap((one) => one.Instances ?? []));
  return instances
    .filter((one) => one.InstanceLifecycle === undefined && standard.test(one.InstanceType ?? ''))
    .reduce((sum, one) => sum + vcpusOf(one), 0);
}

const vcpusOf = ({ CpuOptions }: Instance): number =>
  (CpuOptions?.CoreCount ?? 1) * (CpuOptions?.ThreadsPerCore ?? 2);

/** Pure. */
export function judgeVcpuQuota(used: number, needed: number, quota: number): PreflightFinding {
  const saw = `${used} of ${quota} vCPUs of the region are in use`;
  if (used + needed <= quota) return { id, status: 'ok', saw: `${saw}.` };
  return {
    id,
    status: 'failed',
    code: 'QUOTA_EXCEEDED',
    saw: `${saw}, and the stack needs ${needed} more.`,
    fix: [
      "Set smaller instance types or a smaller 'application.count' in cloudops.yaml, or stop what isn't needed.",
      'Or ask for more: Service Quotas, Amazon EC2, quota L-1216C47A.',
    ],
  };
}
