import { ApiError } from '../../protocol/api-error.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { needText } from '../ssm/input.js';

/** The quotas that the sandbox keeps to, under the codes of Service Quotas. */
const quotas = ({ limits }: Call): Readonly<Record<string, readonly [name: string, value: number]>> => ({
  'vpc L-F678F1CE': ['VPCs per Region', limits.vpcsPerRegion],
  'vpc L-A4707A72': ['Internet gateways per Region', limits.gatewaysPerRegion],
  'ec2 L-1216C47A': ['Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances', limits.vcpus],
});

function getQuota(call: Call): Answer {
  const ServiceCode = needText(call.json, 'ServiceCode');
  const QuotaCode = needText(call.json, 'QuotaCode');
  const [QuotaName, Value] = quotas(call)[`${ServiceCode} ${QuotaCode}`] ?? [];
  if (QuotaName === undefined)
    throw new ApiError(
      'NoSuchResourceException',
      'The request failed because the specified quota does not exist.',
    );
  return {
    Quota: { ServiceCode, QuotaCode, QuotaName, Value, Unit: 'None', Adjustable: true, GlobalQuota: false },
  };
}

export const QUOTA_ACTIONS: Actions = { GetServiceQuota: getQuota };
