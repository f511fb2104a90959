import type { Fault } from '../../../src/sandbox/api/server.js';
import type { ServiceName } from '../../../src/sandbox/protocol/request.js';

/** A failure that an AWS account can give, and the call in which it does. */
export interface Failure {
  /** The golden file: the row of the catalogue, and what it is about. */
  readonly name: string;
  readonly service?: ServiceName;
  readonly action: string;
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** The operator's exit code. */
  readonly exit: number;
  /** What the operator does; default up. */
  readonly during?: 'up' | 'down';
}

const denied =
  'You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/alice is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:us-east-1:111122223333:vpc/* because no identity-based policy allows the ec2:CreateVpc action. Encoded authorization failure message: 4HtbUVjhj8b0';

/** Every failure that the wire can give, as AWS words it. */
export const failures: readonly Failure[] = [
  {
    name: '01-free-plan',
    action: 'RunInstances',
    code: 'InvalidParameterCombination',
    message:
      'The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, run describe-instance-types with the filter free-tier-eligible=true.',
    status: 400,
    exit: 7,
  },
  {
    name: '02-unauthorized',
    action: 'CreateVpc',
    code: 'UnauthorizedOperation',
    message: denied,
    status: 403,
    exit: 7,
  },
  {
    name: '02-explicit-deny',
    action: 'CreateVpc',
    code: 'UnauthorizedOperation',
    message:
      'You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/alice is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:us-east-1:111122223333:vpc/* with an explicit deny in a service control policy',
    status: 403,
    exit: 7,
  },
  {
    name: '03-access-denied',
    service: 'iam',
    action: 'CreateRole',
    code: 'AccessDenied',
    message:
      'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/smartcloudops-dev-us-east-1-host because no identity-based policy allows the iam:CreateRole action',
    status: 403,
    exit: 7,
  },
  {
    name: '03-access-denied-ssm',
    service: 'ssm',
    action: 'GetParameter',
    code: 'AccessDeniedException',
    message:
      'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1::parameter/aws/service/x because no identity-based policy allows the ssm:GetParameter action',
    status: 400,
    exit: 7,
  },
  {
    name: '04-request-expired',
    action: 'DescribeVpcs',
    code: 'RequestExpired',
    message: 'Request has expired.',
    status: 400,
    exit: 7,
  },
  {
    name: '04-expired-token',
    service: 'ssm',
    action: 'GetParameter',
    code: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
    status: 400,
    exit: 7,
  },
  {
    name: '05-auth-failure',
    action: 'DescribeVpcs',
    code: 'AuthFailure',
    message: 'AWS was not able to validate the provided access credentials',
    status: 401,
    exit: 7,
  },
  {
    name: '06-invalid-key-id',
    service: 'iam',
    action: 'GetRole',
    code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid.',
    status: 403,
    exit: 7,
  },
  {
    name: '06-unrecognized-client',
    service: 'ssm',
    action: 'GetParameter',
    code: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
    status: 400,
    exit: 7,
  },
  {
    name: '06-signature',
    service: 'iam',
    action: 'GetRole',
    code: 'SignatureDoesNotMatch',
    message: 'The request signature we calculated does not match the signature you provided.',
    status: 403,
    exit: 7,
  },
  {
    name: '08-opt-in',
    action: 'CreateVpc',
    code: 'OptInRequired',
    message: 'You are not subscribed to this service.',
    status: 401,
    exit: 7,
  },
  {
    name: '09-pending-verification',
    action: 'RunInstances',
    code: 'PendingVerification',
    message:
      'Your request for accessing resources in this region is being validated, and you will not be able to launch additional resources in this region until the validation is complete.',
    status: 400,
    exit: 7,
  },
  {
    name: '10-blocked',
    action: 'RunInstances',
    code: 'Blocked',
    message: 'This account is currently blocked and not recognized as a valid account.',
    status: 400,
    exit: 7,
  },
  {
    name: '11-vpc-limit',
    action: 'CreateVpc',
    code: 'VpcLimitExceeded',
    message: 'The maximum number of VPCs has been reached.',
    status: 400,
    exit: 7,
  },
  {
    name: '12-vcpu-limit',
    action: 'RunInstances',
    code: 'VcpuLimitExceeded',
    message:
      'You have requested more vCPU capacity than your current vCPU limit of 1 allows for the instance bucket that the specified instance type belongs to.',
    status: 400,
    exit: 7,
  },
  {
    name: '13-no-capacity',
    action: 'RunInstances',
    code: 'InsufficientInstanceCapacity',
    message:
      'We currently do not have sufficient t3.medium capacity in the Availability Zone you requested (us-east-1a). Our system will be working on provisioning additional capacity. You can currently get t3.medium capacity by not specifying an Availability Zone in your request or choosing us-east-1b, us-east-1c, us-east-1f.',
    status: 500,
    exit: 1,
  },
  {
    name: '14-unsupported',
    action: 'RunInstances',
    code: 'Unsupported',
    message:
      'Your requested instance type (t3.medium) is not supported in your requested Availability Zone (us-east-1e). Please retry your request by not specifying an Availability Zone or choosing us-east-1a, us-east-1b, us-east-1c.',
    status: 400,
    exit: 1,
  },
  {
    name: '15-profile-unknown',
    action: 'RunInstances',
    code: 'InvalidParameterValue',
    message:
      'Value (smartcloudops-dev-us-east-1-host) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    status: 400,
    exit: 1,
  },
  {
    name: '16-key-pair-taken',
    action: 'ImportKeyPair',
    code: 'InvalidKeyPair.Duplicate',
    message: "The keypair 'smartcloudops-dev' already exists.",
    status: 400,
    exit: 1,
  },
  {
    name: '16-group-taken',
    action: 'CreateSecurityGroup',
    code: 'InvalidGroup.Duplicate',
    message: "The security group 'smartcloudops-dev-web' already exists for VPC 'vpc-1'",
    status: 400,
    exit: 1,
  },
  {
    name: '16-subnet-taken',
    action: 'CreateSubnet',
    code: 'InvalidSubnet.Conflict',
    message: "The CIDR '10.0.1.0/24' conflicts with another subnet",
    status: 400,
    exit: 1,
  },
  {
    name: '16-role-taken',
    service: 'iam',
    action: 'CreateRole',
    code: 'EntityAlreadyExists',
    message: 'Role with name smartcloudops-dev-us-east-1-host already exists.',
    status: 409,
    exit: 1,
  },
  {
    name: '17-image',
    action: 'DescribeImages',
    code: 'InvalidAMIID.NotFound',
    message: "The image id '[ami-0123456789abcdef0]' does not exist",
    status: 400,
    exit: 1,
  },
  {
    name: '17-image-parameter',
    service: 'ssm',
    action: 'GetParameter',
    code: 'ParameterNotFound',
    message: '',
    status: 400,
    exit: 1,
  },
  {
    name: '18-throttled',
    action: 'CreateVpc',
    code: 'RequestLimitExceeded',
    message: 'Request limit exceeded.',
    status: 503,
    exit: 1,
  },
  {
    name: '19-dependency',
    during: 'down',
    action: 'DeleteVpc',
    code: 'DependencyViolation',
    message: "The vpc 'vpc-1' has dependencies and cannot be deleted.",
    status: 400,
    exit: 1,
  },
  {
    name: '20-state',
    during: 'down',
    action: 'TerminateInstances',
    code: 'IncorrectInstanceState',
    message: "The instance 'i-1' is not in a state from which it can be terminated.",
    status: 400,
    exit: 1,
  },
  {
    name: '20-protected',
    during: 'down',
    action: 'TerminateInstances',
    code: 'OperationNotPermitted',
    message:
      "The instance 'i-1' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
    status: 400,
    exit: 1,
  },
  {
    name: '21-not-found',
    action: 'CreateSubnet',
    code: 'InvalidVpcID.NotFound',
    message: "The vpc ID 'vpc-1' does not exist",
    status: 400,
    exit: 1,
  },
  {
    name: '22-tag-policy',
    action: 'CreateVpc',
    code: 'TagPolicyViolation',
    message: "The tag policy does not allow the specified value for the following tag key: 'CostCenter'.",
    status: 400,
    exit: 1,
  },
  {
    name: '22-tag-limit',
    action: 'CreateVpc',
    code: 'TagLimitExceeded',
    message: 'You have reached the limit of 50 tags.',
    status: 400,
    exit: 1,
  },
  {
    name: '23-token-reused',
    action: 'RunInstances',
    code: 'IdempotentInstanceTerminated',
    message: 'The instance that was launched with this client token has been terminated.',
    status: 400,
    exit: 1,
  },
];

/** The failure as the fault of an emulator, from now on at every such call. */
export function faultOf(
  failure: Failure,
): (call: { service: ServiceName; action: string }) => Fault | undefined {
  const { service = 'ec2', action, code, message, status } = failure;
  return (call) =>
    call.service === service && call.action === action ? { kind: 'error', code, message, status } : undefined;
}
