import { DecodeAuthorizationMessageCommand } from '@aws-sdk/client-sts';
import { CloudopsError } from '../errors.js';
import { explain } from './aws-errors.js';
import { codeOf } from './faults.js';
import { regionNotEnabled } from './preflight/region.js';
import type { Aws } from './resource.js';

/**
 * `explain`, and where AWS's answer says too little, asks once more: whether it is the region that the account hasn't
 * enabled, where the refused key comes from, what the encoded refusal says. What can't be asked is left out.
 */
export async function diagnose(aws: Aws, error: unknown, doing: string): Promise<Error> {
  const known = explain(error, doing);
  if (!(known instanceof CloudopsError) || !(error instanceof Error)) return known;
  if (known.code === 'CREDENTIALS_INVALID') {
    const region = codeOf(error) === 'AuthFailure' ? await regionNotEnabled(aws, error) : undefined;
    return region ?? withEvidence(known, await sourceOf(aws));
  }
  if (known.code === 'NOT_PERMITTED') return withEvidence(known, await decoded(aws, error.message));
  return known;
}

function withEvidence(error: CloudopsError, more: string | undefined): CloudopsError {
  if (more === undefined) return error;
  const { code, what, why, fix, exitCode, cause } = error;
  return new CloudopsError({
    code,
    what,
    why: [why, more].filter(Boolean).join('\n'),
    fix,
    exit: exitCode,
    cause,
  });
}

/** Which key was used and where the SDK found it; a key's id is no secret. */
async function sourceOf(aws: Aws): Promise<string | undefined> {
  const found = await aws.sts.read.config.credentials().catch(() => undefined);
  if (found === undefined) return undefined;
  const { accessKeyId, $source = {} } = found as { accessKeyId: string; $source?: Record<string, string> };
  const source = Object.entries(sources).find(([name]) => name in $source)?.[1];
  return `The access key is ${accessKeyId}${source === undefined ? '' : `, from ${source}`}.`;
}

const sources: Readonly<Record<string, string>> = {
  CREDENTIALS_ENV_VARS: 'the environment (AWS_ACCESS_KEY_ID)',
  CREDENTIALS_SSO: 'IAM Identity Center',
  CREDENTIALS_PROFILE_PROCESS: "a profile's credential_process",
  CREDENTIALS_PROFILE: 'a profile of ~/.aws',
  CREDENTIALS_IMDS: "this instance's role",
  CREDENTIALS_HTTP: "this container's role",
};

interface Decoded {
  readonly explicitDeny?: boolean;
  readonly context?: { readonly action?: string; readonly resource?: string };
}

/** What the encoded part of EC2's refusal says; needs a permission of its own. */
async function decoded(aws: Aws, message: string): Promise<string | undefined> {
  const EncodedMessage = /Encoded authorization failure message: (\S+)/.exec(message)?.[1];
  if (EncodedMessage === undefined) return undefined;
  try {
    const command = new DecodeAuthorizationMessageCommand({ EncodedMessage });
    const { DecodedMessage } = await aws.sts.read.send(command);
    const { explicitDeny, context } = JSON.parse(DecodedMessage ?? '') as Decoded;
    const how = explicitDeny === true ? 'denied explicitly' : 'allowed by no policy';
    return `AWS decodes: ${context?.action ?? 'the action'} on ${context?.resource ?? 'the resource'} is ${how}.`;
  } catch {
    return undefined;
  }
}
