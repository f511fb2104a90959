/** The service's own error code: `InvalidSubnet.Conflict`, `EntityAlreadyExists`; undefined when it never answered. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { Code, $metadata } = error as { Code?: string; $metadata?: { httpStatusCode?: number } };
  if (Code !== undefined) return Code;
  return $metadata?.httpStatusCode === undefined ? undefined : error.name.replace(/Exception$/, '');
}

/** HTTP status of the answer; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

const throttles = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'Throttled',
  'RequestThrottled',
  'TooManyRequests',
  'EC2Throttled',
  'PriorRequestNotComplete',
  'SlowDown',
  'BandwidthLimitExceeded',
]);

/** True when the service refused before doing anything because too much was asked at once. */
export function isThrottle(error: unknown): boolean {
  const code = codeOf(error);
  return (code !== undefined && throttles.has(code)) || statusOf(error) === 429;
}

/** Answered with a 5xx, yet certain not to have happened. */
const definite = new Set(['InsufficientInstanceCapacity', 'InsufficientAddressCapacity']);

/** True when nobody can tell from the error whether the call was carried out. */
export function isAmbiguous(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === 'CredentialsProviderError') return false;
  if (isThrottle(error) || definite.has(codeOf(error) ?? '')) return false;
  const status = statusOf(error);
  if (status !== undefined) return status >= 500;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return error.name === 'TimeoutError' || /^(E[A-Z_]+|UND_ERR_.*)$/.test(code) || isBrokenAnswer(error);
}

/** The SDK's way to say that the answer ended early or wasn't what the protocol says. */
function isBrokenAnswer(error: Error): boolean {
  return /socket hang up|aborted|Deserialization|premature/i.test(error.message);
}

const awaited =
  /^Invalid(Vpc|Subnet|Group|SecurityGroup|InternetGateway|RouteTable|Instance|KeyPair)\w*\.NotFound$/;

/** True when the service doesn't know yet what an earlier call has just made. */
export function isNotYet(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  if (awaited.test(code) || code === 'NoSuchEntity') return true;
  return code === 'InvalidParameterValue' && /IAM Instance Profile/i.test((error as Error).message);
}

/** True when the thing is gone (or never was). */
export function isGone(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return code === 'NoSuchEntity' || /^Invalid.+\.?NotFound$/.test(code);
}

/** True where the question or the change isn't known or not allowed: an emulator without the action, a lean policy. */
export function isUnknownAction(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return /^(InvalidAction|NotImplemented|UnauthorizedOperation)$/.test(code) || statusOf(error) === 501;
}
