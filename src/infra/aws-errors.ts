import { CloudopsError, exitCodes } from '../errors.js';
import { codeOf, isThrottle, statusOf } from './faults.js';

interface Remedy {
  readonly code: string;
  /** The service's codes that it is for. */
  readonly when: RegExp;
  /** Narrows by the service's own words. */
  readonly says?: RegExp;
  readonly what: string;
  readonly fix: readonly string[];
  readonly exit?: number;
}

/** What to do about what AWS says; the first that fits. facts/aws.md, section 7, is where the codes come from. */
const remedies: readonly Remedy[] = [
  {
    code: 'FREE_PLAN',
    when: /^InvalidParameterCombination$/,
    says: /free tier/i,
    what: "This account's free plan doesn't allow the instance type.",
    fix: [
      "Set 'monitoring.instanceType: t3.small' in cloudops.yaml, or upgrade the account's plan.",
      'What was made so far is kept: run the same command again.',
    ],
    exit: exitCodes.notPermitted,
  },
  {
    code: 'NOT_PERMITTED',
    when: /^(UnauthorizedOperation|AccessDenied|AccessDeniedException)$/,
    what: 'Your AWS identity is not allowed to do this.',
    fix: ['Ask for the permission that AWS names above, or use another profile with --profile.'],
    exit: exitCodes.notPermitted,
  },
  {
    code: 'CREDENTIALS_EXPIRED',
    when: /^(RequestExpired|ExpiredToken|ExpiredTokenException)$/,
    what: 'The AWS credentials have expired.',
    fix: ["Log in again, e.g. 'aws sso login', then run the same command again."],
    exit: exitCodes.notPermitted,
  },
  {
    code: 'CREDENTIALS_INVALID',
    when: /^(AuthFailure|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)$/,
    what: 'AWS does not accept the credentials.',
    fix: [
      'Check the access key or the profile.',
      'When they work elsewhere, the region may not be enabled for the account.',
    ],
    exit: exitCodes.notPermitted,
  },
  {
    code: 'ACCOUNT_NOT_READY',
    when: /^(OptInRequired|PendingVerification|Blocked|AccountDisabled)$/,
    what: 'The AWS account is not ready for this.',
    fix: [
      'Finish its sign-up and payment method; a new account may take up to four hours.',
      'What was made so far is kept: run the same command again then.',
    ],
    exit: exitCodes.notPermitted,
  },
  {
    code: 'QUOTA_EXCEEDED',
    when: /^(VpcLimitExceeded|VcpuLimitExceeded|InstanceLimitExceeded|AddressLimitExceeded|\w*LimitExceeded)$/,
    what: "One of the account's quotas is used up.",
    fix: [
      "Ask for more under Service Quotas in the AWS console, remove what isn't needed, or use another '--region'.",
      'What was made so far is kept: run the same command again.',
    ],
    exit: exitCodes.notPermitted,
  },
  {
    code: 'NO_CAPACITY',
    when: /^(InsufficientInstanceCapacity|Unsupported)$/,
    what: 'AWS has no capacity for this instance type in this zone now.',
    fix: ["Try again later, or set another 'instanceType' or 'network.zones' in cloudops.yaml."],
  },
  {
    code: 'IMAGE_NOT_FOUND',
    when: /^(InvalidAMIID\.\w+|ParameterNotFound)$/,
    what: 'The machine image does not exist in this region.',
    fix: ["Set 'ami' in cloudops.yaml to an image of this region, or remove the key for the default."],
  },
  {
    code: 'STILL_IN_USE',
    when: /^(DependencyViolation|DeleteConflict)$/,
    what: 'Something else still uses it.',
    fix: ['Remove what holds it, then run the same command again.'],
  },
  {
    code: 'PROTECTED',
    when: /^OperationNotPermitted$/,
    what: 'AWS protects the resource against this.',
    fix: ['Switch off its termination protection, then run the same command again.'],
  },
  {
    code: 'TAG_POLICY',
    when: /^(TagPolicyViolation|TagLimitExceeded)$/,
    what: "The tags break the organisation's rules.",
    fix: ["Set what it asks for under 'tags' in cloudops.yaml."],
  },
];

/** Any error of AWS as one for the operator, with AWS's own code and request id. `doing` is e.g. `create vpc/main`. */
export function explain(error: unknown, doing?: string): Error {
  if (error instanceof CloudopsError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const prefix = doing === undefined ? '' : `Could not ${doing}: `;
  if (/^(CredentialsProviderError|ProviderError|TokenProviderError)$/.test(error.name))
    return noCredentials(error);
  if (isThrottle(error)) return build(error, prefix, throttled);
  const code = codeOf(error);
  if (code === undefined) return isNetwork(error) ? unreachable(error, prefix) : error;
  const remedy = remedies.find(
    ({ when, says }) => when.test(code) && (says === undefined || says.test(error.message)),
  );
  return build(error, prefix, remedy ?? unknown(error));
}

const throttled: Remedy = {
  code: 'THROTTLED',
  when: /./,
  what: 'AWS refused calls because the account sends too many.',
  fix: ['Other tools are using the same account: run the same command again in a minute.'],
};

const unknown = (error: Error): Remedy => ({
  code: 'AWS_ERROR',
  when: /./,
  what: (statusOf(error) ?? 0) >= 500 ? 'AWS failed.' : 'AWS refused.',
  fix: ['Run the same command again; it goes on from what exists.'],
});

function build(error: Error, prefix: string, remedy: Remedy): CloudopsError {
  const { $metadata } = error as { $metadata?: { requestId?: string } };
  const request = $metadata?.requestId === undefined ? '' : `, request ${$metadata.requestId}`;
  const message = error.message.replace(/ Encoded authorization failure message:.*$/s, '').trim();
  return new CloudopsError({
    code: remedy.code,
    what: `${prefix}${prefix === '' ? remedy.what : lowerFirst(remedy.what)}`,
    why: `${message} (${codeOf(error) ?? error.name}${request})`,
    fix: remedy.fix,
    ...(remedy.exit !== undefined && { exit: remedy.exit }),
    cause: error,
  });
}

/** Unless it starts with a name such as AWS. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function noCredentials(error: Error): CloudopsError {
  return new CloudopsError({
    code: 'NO_CREDENTIALS',
    what: 'No AWS credentials were found.',
    why: error.message,
    fix: [
      "Log in, e.g. 'aws sso login', or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
      "Or try it without an account: add '--sandbox'.",
    ],
    exit: exitCodes.notPermitted,
    cause: error,
  });
}

function isNetwork(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return error.name === 'TimeoutError' || /^E[A-Z]+$|^EAI_AGAIN$|^UND_ERR/.test(code);
}

function unreachable(error: Error, prefix: string): CloudopsError {
  const { code, hostname, address } = error as NodeJS.ErrnoException & {
    hostname?: string;
    address?: string;
  };
  const where = hostname ?? address;
  return new CloudopsError({
    code: 'AWS_UNREACHABLE',
    what: `${prefix}AWS${where === undefined ? '' : ` (${where})`} can't be reached.`,
    why: `${error.message} (${code ?? error.name}).`,
    fix: ['Check the network, and HTTPS_PROXY or AWS_ENDPOINT_URL where you use them; then run it again.'],
    cause: error,
  });
}
