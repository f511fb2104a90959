import { CloudopsError, exitCodes } from '../errors.js';
import { codeOf, isThrottle, statusOf } from './faults.js';
import { type Remedy, remedies } from './remedies.js';

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
    // Some errors have a code and no words; the SDK says UnknownError then.
    why: `${/^(UnknownError)?$/.test(message) ? 'AWS gave no reason' : message} (${codeOf(error) ?? error.name}${request})`,
    fix: typeof remedy.fix === 'function' ? remedy.fix(message) : remedy.fix,
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
