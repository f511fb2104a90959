import { exitCodes } from '../errors.js';

/** What is said about some of AWS's errors. */
export interface Remedy {
  readonly code: string;
  /** The service's codes that it is for. */
  readonly when: RegExp;
  /** Narrows by the service's own words. */
  readonly says?: RegExp;
  readonly what: string;
  /** What to do; where that stands in the service's own words, out of them. */
  readonly fix: readonly string[] | ((message: string) => readonly string[]);
  readonly exit?: number;
}

const kept = 'What was made so far is kept: run the same command again.';
const exit = exitCodes.notPermitted;

/** What to do about what AWS says; the first that fits. The codes come from AWS's reference and from reports of users. */
export const remedies: readonly Remedy[] = [
  {
    code: 'FREE_PLAN',
    when: /^InvalidParameterCombination$/,
    says: /free tier/i,
    what: "This account's Free plan doesn't allow the instance type.",
    fix: [
      "Set 'monitoring.instanceType: t3.small' in cloudops.yaml (or m7i-flex.large, c7i-flex.large), or upgrade the account's plan.",
      kept,
    ],
    exit,
  },
  {
    code: 'NOT_PERMITTED',
    when: /^(UnauthorizedOperation|AccessDenied|AccessDeniedException)$/,
    what: 'Your AWS identity is not allowed to do this.',
    fix: (message) => [...permissionFix(message), "Or use another profile with '--profile'."],
    exit,
  },
  {
    code: 'CREDENTIALS_EXPIRED',
    when: /^(RequestExpired|ExpiredToken|ExpiredTokenException)$/,
    what: 'The AWS credentials have expired.',
    fix: ["Log in again, e.g. 'aws sso login', then run the same command again."],
    exit,
  },
  {
    code: 'CREDENTIALS_INVALID',
    when: /^(AuthFailure|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|IncompleteSignature)$/,
    what: 'AWS does not accept the credentials.',
    fix: [
      "Check the access key, or use another profile with '--profile'.",
      'A key made a minute ago works in EC2 a little later; wait a minute then.',
    ],
    exit,
  },
  {
    code: 'ACCOUNT_NOT_READY',
    when: /^OptInRequired$/,
    what: 'The AWS account is not fully signed up.',
    fix: ['Finish its sign-up in the AWS console, payment method and phone number included.', kept],
    exit,
  },
  {
    code: 'ACCOUNT_NOT_READY',
    when: /^PendingVerification$/,
    what: 'AWS is still checking the new account.',
    fix: ['Wait: it mostly takes minutes, at most four hours.', kept],
    exit,
  },
  {
    code: 'ACCOUNT_BLOCKED',
    when: /^(Blocked|AccountDisabled|AccountProblem)$/,
    what: 'AWS has blocked the account.',
    fix: ['Only AWS Support can lift it: open a case in the AWS console.'],
    exit,
  },
  {
    code: 'QUOTA_EXCEEDED',
    when: /^VpcLimitExceeded$/,
    what: 'The region has no room for another VPC.',
    fix: [
      "Delete a VPC that nothing needs, use another '--region', or name one to use in 'network.vpcId'.",
      'Or ask for more: Service Quotas, Amazon VPC, quota L-F678F1CE.',
    ],
    exit,
  },
  {
    code: 'QUOTA_EXCEEDED',
    when: /^(VcpuLimitExceeded|InstanceLimitExceeded)$/,
    what: 'The account may not run so many vCPUs.',
    fix: [
      "Set smaller instance types or a smaller 'application.count' in cloudops.yaml, or stop what isn't needed.",
      'Or ask for more: Service Quotas, Amazon EC2, quota L-1216C47A.',
      kept,
    ],
    exit,
  },
  {
    code: 'TAG_POLICY',
    when: /^(TagPolicyViolation|TagPolicyException|TagLimitExceeded)$/,
    what: "The tags break the organisation's rules.",
    fix: ["Set the tags that it asks for under 'tags' in cloudops.yaml.", kept],
  },
  {
    code: 'QUOTA_EXCEEDED',
    when: /LimitExceeded$/,
    what: "One of the account's quotas is used up.",
    fix: [
      "Ask for more under Service Quotas in the AWS console, remove what isn't needed, or use another '--region'.",
      kept,
    ],
    exit,
  },
  {
    code: 'NO_CAPACITY',
    when: /^(InsufficientInstanceCapacity|InsufficientCapacity)$/,
    what: 'AWS has no capacity for this instance type in this zone now.',
    fix: (message) => [...zoneFix(message), "Or try again later, or set another 'instanceType'."],
  },
  {
    code: 'TYPE_NOT_OFFERED',
    when: /^Unsupported$/,
    what: 'The zone does not have this instance type.',
    fix: (message) => [...zoneFix(message), "Or set another 'instanceType' in cloudops.yaml."],
  },
  {
    code: 'TYPE_NOT_OFFERED',
    when: /^InvalidInstanceType$/,
    what: 'There is no such instance type in this region.',
    fix: ["Set another 'instanceType' in cloudops.yaml, or use another '--region'."],
  },
  {
    code: 'PROFILE_NOT_KNOWN',
    when: /^InvalidParameterValue$/,
    says: /IAM Instance Profile/i,
    what: 'EC2 does not know the new IAM instance profile yet, after two minutes.',
    fix: ['IAM takes its time to tell the regions: run the same command again.'],
  },
  {
    code: 'NAME_TAKEN',
    when: /^(InvalidKeyPair\.Duplicate|InvalidGroup\.Duplicate|InvalidSubnet\.Conflict|EntityAlreadyExists)$/,
    what: 'Something that is not part of the stack has this name or network already.',
    fix: ["Choose another '--project' or '--environment', or remove what is in the way."],
  },
  {
    code: 'IMAGE_NOT_FOUND',
    when: /^(InvalidAMIID\.\w+|ParameterNotFound)$/,
    what: 'The machine image does not exist in this region, or the account may not use it.',
    fix: [
      "Set 'ami' in cloudops.yaml to an image of this region, or remove the key for the default.",
      "An organisation can allow some images only: look at 'Allowed AMIs' in the EC2 console.",
    ],
  },
  {
    code: 'STILL_IN_USE',
    when: /^(DependencyViolation|DeleteConflict)$/,
    what: 'Something else still uses it.',
    fix: ['Remove what holds it, then run the same command again.'],
  },
  {
    code: 'WRONG_STATE',
    when: /^(IncorrectState|IncorrectInstanceState)$/,
    what: 'The resource is just changing, and AWS takes no order for it now.',
    fix: ["Look at it with 'cloudops infra status', then run the same command again."],
  },
  {
    code: 'VOLUME_CHANGED_LATELY',
    when: /^VolumeModificationRateExceeded$/,
    what: 'EBS limits how often a volume may be changed, and this one was changed lately.',
    fix: [
      "Wait as long as AWS says (some hours after the last change), then run the same command again: the rest is done, 'cloudops infra plan' shows it.",
    ],
  },
  {
    code: 'PROTECTED',
    when: /^OperationNotPermitted$/,
    what: 'AWS protects the resource against this.',
    fix: [
      "Take the protection off: 'aws ec2 modify-instance-attribute --no-disable-api-termination --instance-id ID'.",
      'Then run the same command again.',
    ],
  },
  {
    code: 'NOT_FOUND',
    when: /NotFound$|^NoSuchEntity$/,
    what: 'AWS does not know something that was just made or seen.',
    fix: [
      'AWS tells its parts of new things with delay, or somebody deleted it: run the same command again.',
    ],
  },
  {
    code: 'LAUNCH_REPEATED',
    when: /^(IdempotentParameterMismatch|IdempotentInstanceTerminated)$/,
    what: 'AWS takes the launch for a repetition of an earlier one.',
    fix: ['Run the same command again: it looks for what the earlier launch made.'],
  },
];

/** Pure: the permission that AWS's words name, as a policy statement; who denies explicitly can't be overruled by one. */
function permissionFix(message: string): readonly string[] {
  const action = /not authorized to perform:? ([a-z0-9-]+:\w+)/i.exec(message)?.[1];
  const resource = /on resource:? (arn:\S+)/.exec(message)?.[1]?.replace(/[.,]$/, '') ?? '*';
  if (/explicit deny|explicitDeny/i.test(message)) {
    const by = /service control policy/i.test(message)
      ? "the organisation's service control policy"
      : 'a policy';
    return [`It is denied explicitly by ${by}: only who writes that can lift it.`];
  }
  if (action === undefined)
    return ['Ask for the permission, or see what is missing: cloudops infra preflight.'];
  const statement = JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource });
  return [
    `Ask for this statement in its policy: ${statement}`,
    "See all that is missing: 'cloudops infra preflight'.",
  ];
}

/** Pure: the zones that AWS suggests in its message. */
export function suggestedZones(message: string): readonly string[] {
  const list = /choosing ([a-z0-9, -]+)/.exec(message)?.[1] ?? '';
  return list.match(/[a-z]{2}(?:-[a-z]+)+-\d[a-z]\b/g) ?? [];
}

function zoneFix(message: string): readonly string[] {
  const zones = suggestedZones(message);
  if (zones.length === 0) return ["Set other 'network.zones' in cloudops.yaml and give '--allow-replace'."];
  return [
    `Set 'network.zones: [${zones.slice(0, 2).join(', ')}]' in cloudops.yaml (AWS suggests ${zones.join(', ')}) and give '--allow-replace': the subnets move.`,
  ];
}
