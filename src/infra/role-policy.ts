/** Lets EC2 hand the role to instances. */
export const hostTrust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
} as const;

/**
 * What a host may do: be reached through SSM, and find the other hosts. Narrower than AWS's managed policy, which
 * also reads every plain parameter of the account.
 */
export const hostPolicy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Reached',
      Effect: 'Allow',
      Action: [
        'ssm:UpdateInstanceInformation',
        'ssm:ListInstanceAssociations',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
        'ec2messages:AcknowledgeMessage',
        'ec2messages:DeleteMessage',
        'ec2messages:FailMessage',
        'ec2messages:GetEndpoint',
        'ec2messages:GetMessages',
        'ec2messages:SendReply',
      ],
      Resource: '*',
    },
    {
      Sid: 'Discovery',
      Effect: 'Allow',
      Action: ['ec2:DescribeInstances', 'ec2:DescribeAvailabilityZones'],
      Resource: '*',
    },
  ],
} as const;
