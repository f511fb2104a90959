import { DescribeInstanceTypesCommand, type _InstanceType } from '@aws-sdk/client-ec2';
import type { Aws } from '../resource.js';
import type { PreflightFinding } from './finding.js';

const id = 'instance-types';

/** What the checks need to know of an instance type. */
export interface TypeFacts {
  readonly type: string;
  readonly vcpus: number;
  readonly architectures: readonly string[];
  readonly freeTier: boolean;
}

/** Asks what the types are: one call. Rejects with `InvalidInstanceType` when one doesn't exist. */
export async function readTypes(aws: Aws, types: readonly string[]): Promise<readonly TypeFacts[]> {
  const InstanceTypes = types as _InstanceType[];
  const answer = await aws.ec2.read.send(new DescribeInstanceTypesCommand({ InstanceTypes }));
  return (answer.InstanceTypes ?? []).map((one) => ({
    type: one.InstanceType ?? '',
    vcpus: one.VCpuInfo?.DefaultVCpus ?? 0,
    architectures: one.ProcessorInfo?.SupportedArchitectures ?? [],
    freeTier: one.FreeTierEligible ?? false,
  }));
}

/**
 * Pure: whether the types can start the image. Whether the account is on AWS's Free plan isn't asked: that needs a
 * client of its own; so a type that such an account refuses is said here, and explained when it is refused.
 */
export function checkTypes(
  types: readonly TypeFacts[],
  image: { readonly id: string; readonly architecture: string | undefined },
): PreflightFinding {
  const wrong = types.filter(
    ({ architectures }) => image.architecture !== undefined && !architectures.includes(image.architecture),
  );
  if (wrong.length > 0) {
    const names = wrong.map(({ type, architectures }) => `${type} (${architectures.join(', ')})`);
    return {
      id,
      status: 'failed',
      saw: `The image ${image.id} is for ${image.architecture ?? ''} and can't start on ${names.join(', ')}.`,
      fix: ["Set an 'ami' of the other architecture in cloudops.yaml, or another 'instanceType'."],
    };
  }
  const names = types.map(({ type }) => type).join(', ');
  const costly = types.filter(({ freeTier }) => !freeTier).map(({ type }) => type);
  const more = costly.length > 0 ? ` An account on AWS's Free plan is refused ${costly.join(', ')}.` : '';
  return { id, status: 'ok', saw: `${names} can start the image ${image.id}.${more}` };
}
