import { describe, expect, it } from '@jest/globals';
import { failureText } from '../../src/cli/failure.js';
import { CloudopsError } from '../../src/errors.js';
import { explain } from '../../src/infra/aws-errors.js';

/** What the operator gets. */
function explained(error: Error): CloudopsError {
  const told = explain(error, 'create vpc/main');
  if (!(told instanceof CloudopsError)) throw told;
  return told;
}

/** An error as the SDK throws it. */
function sdkError(name: string, message: string, status: number): Error {
  const $metadata = { httpStatusCode: status, requestId: 'req-1' };
  return Object.assign(new Error(message), { name, $metadata });
}

const rows: readonly [string, string, number, string, number][] = [
  [
    'InvalidParameterCombination',
    'The specified instance type is not eligible for Free Tier.',
    400,
    'FREE_PLAN',
    7,
  ],
  [
    'UnauthorizedOperation',
    'You are not authorized. Encoded authorization failure message: zzz',
    403,
    'NOT_PERMITTED',
    7,
  ],
  ['AccessDeniedException', 'no', 403, 'NOT_PERMITTED', 7],
  ['RequestExpired', 'Request has expired.', 400, 'CREDENTIALS_EXPIRED', 7],
  ['AuthFailure', 'not able to validate', 401, 'CREDENTIALS_INVALID', 7],
  ['PendingVerification', 'being validated', 400, 'ACCOUNT_NOT_READY', 7],
  ['VpcLimitExceeded', 'limit 5', 400, 'QUOTA_EXCEEDED', 7],
  ['VcpuLimitExceeded', 'limit 32', 400, 'QUOTA_EXCEEDED', 7],
  ['LimitExceededException', 'roles', 409, 'QUOTA_EXCEEDED', 7],
  ['InsufficientInstanceCapacity', 'none left', 500, 'NO_CAPACITY', 1],
  ['InvalidAMIID.NotFound', 'no image', 400, 'IMAGE_NOT_FOUND', 1],
  ['RequestLimitExceeded', 'slow down', 503, 'THROTTLED', 1],
  ['DependencyViolation', 'in use', 400, 'STILL_IN_USE', 1],
  ['VolumeModificationRateExceeded', 'wait at least 6 hours', 400, 'VOLUME_CHANGED_LATELY', 1],
  ['InternalError', 'oops', 500, 'AWS_ERROR', 1],
];

describe('an error of AWS', () => {
  it.each(rows)('%s (%s) gets a remedy', (name, message, status, code, exit) => {
    const error = explained(sdkError(name, message, status));
    expect([error.code, error.exitCode]).toEqual([code, exit]);
    expect(error.fix.length).toBeGreaterThan(0);
    expect(error.why).toContain('req-1');
    expect(error.why).not.toContain('Encoded');
  });

  it('reads like this on the screen', () => {
    const error = explained(
      sdkError('VpcLimitExceeded', 'The maximum number of VPCs has been reached.', 400),
    );
    expect(failureText(error)).toMatch(
      /^Error: Could not create vpc\/main: the region has no room for another VPC\.\n {2}The maximum number of VPCs has been reached\. \(VpcLimitExceeded, request req-1\)\n {2}Code: QUOTA_EXCEEDED\n {2}Try: /,
    );
  });

  it('names what cannot be reached, and leaves our bugs alone', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      address: '127.0.0.1',
    });
    expect(explain(refused)).toMatchObject({ code: 'AWS_UNREACHABLE' });
    const bug = new TypeError('x is not a function');
    expect(explain(bug)).toBe(bug);
  });
});
