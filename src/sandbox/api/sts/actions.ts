import { ApiError } from '../../protocol/api-error.js';
import { need } from '../../protocol/params.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';

function decode({ fields }: Call): never {
  need(fields, 'EncodedMessage');
  throw new ApiError(
    'InvalidAuthorizationMessageException',
    'The sandbox refuses nothing by policy, so it has encoded no such message.',
  );
}

export const STS_ACTIONS: Actions = {
  GetCallerIdentity: () => ({
    Arn: `arn:aws:iam::${ACCOUNT}:user/operator`,
    UserId: 'AIDASANDBOXOPERATOR00',
    Account: ACCOUNT,
  }),
  DecodeAuthorizationMessage: decode,
};
