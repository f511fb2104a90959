import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { codeOf } from '../faults.js';
import type { Aws } from '../resource.js';

/** The value of a quota, or why it can't be read. */
export async function serviceQuota(
  aws: Aws,
  ServiceCode: string,
  QuotaCode: string,
): Promise<number | string> {
  if (aws.quotas === undefined || aws.emulated()) return 'an emulator has no quotas to ask for';
  try {
    const client = await aws.quotas();
    const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
    return Quota?.Value ?? 'Service Quotas gave no value';
  } catch (error) {
    return `Service Quotas said ${codeOf(error) ?? (error as Error).message}`;
  }
}
