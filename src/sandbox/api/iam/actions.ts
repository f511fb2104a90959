import { ApiError } from '../../protocol/api-error.js';
import { need, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { ACCOUNT } from '../world.js';
import { instanceProfileActions } from './instance-profiles.js';
import { rolePolicyActions } from './role-policies.js';
import { roleActions } from './roles.js';

const OPERATOR = 'operator';

/** The account's only user is the one that calls. */
function getUser({ fields }: Call): Answer {
  const name = text(fields, 'UserName') ?? OPERATOR;
  if (name !== OPERATOR)
    throw new ApiError('NoSuchEntity', `The user with name ${name} cannot be found.`, 404);
  return {
    User: {
      Path: '/',
      UserName: OPERATOR,
      UserId: 'AIDASANDBOXOPERATOR00',
      Arn: `arn:aws:iam::${ACCOUNT}:user/${OPERATOR}`,
      CreateDate: new Date(Date.UTC(2026, 0, 1)),
    },
  };
}

/** The sandbox refuses nothing by policy. */
function simulate({ fields }: Call): Answer {
  need(fields, 'PolicySourceArn');
  const results = texts(fields, 'ActionNames').map((EvalActionName) => ({
    EvalActionName,
    EvalResourceName: '*',
    EvalDecision: 'allowed',
  }));
  return { EvaluationResults: results, IsTruncated: false };
}

export const IAM_ACTIONS: Actions = {
  ...roleActions,
  ...rolePolicyActions,
  ...instanceProfileActions,
  GetUser: getUser,
  SimulatePrincipalPolicy: simulate,
};
