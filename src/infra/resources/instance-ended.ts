import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { CloudopsError } from '../../errors.js';
import type { Aws } from '../resource.js';
import { stackFilter, tagKeys } from '../tags.js';
import { nameOfInstance } from './instance-list.js';

/** Of the named hosts those that this run has started and that ended at once: AWS takes a launch and then gives it up. */
export async function endedHosts(aws: Aws, names: readonly string[]): Promise<readonly Instance[]> {
  const Filters = [
    stackFilter(aws),
    { Name: `tag:${tagKeys.operation}`, Values: [aws.operation] },
    { Name: 'instance-state-name', Values: ['shutting-down', 'terminated'] },
  ];
  const { Reservations = [] } = await aws.ec2.read.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances).filter((one) =>
    names.includes(nameOfInstance(one)),
  );
}

/** Says what AWS gives as the reason. */
export function ended(instances: readonly Instance[]): CloudopsError {
  const reasons = instances.map(({ InstanceId, StateReason, StateTransitionReason }) => {
    const { Code, Message } = StateReason ?? {};
    return `${InstanceId ?? ''}: ${Message ?? StateTransitionReason ?? 'no reason given'} (${Code ?? 'no code'})`;
  });
  const isKey = reasons.some((reason) => /kms|Client\.InternalError/i.test(reason));
  return new CloudopsError({
    code: 'INSTANCE_ENDED',
    what: `AWS started ${instances.map(nameOfInstance).join(', ')} and ended ${instances.length === 1 ? 'it' : 'them'} again.`,
    why: reasons.join('; '),
    fix: [
      ...(isKey
        ? [
            "The volume is encrypted: allow your identity kms:CreateGrant, kms:Decrypt, kms:DescribeKey and kms:GenerateDataKeyWithoutPlainText on the region's default EBS key ('aws ec2 get-ebs-default-kms-key-id').",
          ]
        : []),
      'Run the same command again when the reason is removed: it starts new ones.',
    ],
  });
}
