type Statement = Readonly<Record<string, unknown>>;

/**
 * A policy document in one spelling: IAM takes one value or a list of one, and lists in any order, for the same thing.
 * Documents that mean the same are then equal.
 */
export function normalised(document: object): object {
  const { Statement: statements, ...rest } = document as { readonly Statement?: Statement | Statement[] };
  if (statements === undefined) return document;
  const list = Array.isArray(statements) ? statements : [statements];
  return { ...rest, Statement: list.map((one) => normalisedStatement(one)) };
}

const lists = new Set(['Action', 'NotAction', 'Resource', 'NotResource']);
const parties = new Set(['Principal', 'NotPrincipal']);

function normalisedStatement(statement: Statement): Statement {
  const entries = Object.entries(statement).map(([key, value]) => {
    if (lists.has(key)) return [key, oneOrSorted(value)];
    const isRecord = typeof value === 'object' && value !== null;
    if (!parties.has(key) || !isRecord) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).map(([kind, who]) => [kind, oneOrSorted(who)]))];
  });
  return Object.fromEntries(entries) as Statement;
}

function oneOrSorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.length === 1 ? (value[0] as unknown) : [...(value as string[])].sort();
}

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
