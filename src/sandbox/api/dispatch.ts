import { ApiError } from '../protocol/api-error.js';
import { flag } from '../protocol/params.js';
import type { Request, ServiceName } from '../protocol/request.js';
import type { Answer } from '../protocol/xml.js';
import type { Actions, Call } from './call.js';
import { EC2_ACTIONS } from './ec2/actions.js';
import { IAM_ACTIONS } from './iam/actions.js';
import { QUOTA_ACTIONS } from './servicequotas/actions.js';
import { SSM_ACTIONS } from './ssm/actions.js';
import { STS_ACTIONS } from './sts/actions.js';

const SERVICES: Readonly<Record<ServiceName, Actions>> = {
  ec2: EC2_ACTIONS,
  iam: IAM_ACTIONS,
  ssm: SSM_ACTIONS,
  sts: STS_ACTIONS,
  servicequotas: QUOTA_ACTIONS,
};

/** These EC2 actions have no DryRun. */
const NEVER_DRY = ['ModifyVpcAttribute', 'ModifySubnetAttribute'];

/** Does one call: finds the action, refuses callers without credentials, honours DryRun. */
export async function dispatch(request: Request, call: Call): Promise<Answer> {
  const { service, action } = request;
  if (request.accessKey === undefined) throw noCredentials(service);
  const actions = SERVICES[service];
  const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (run === undefined) throw unknownAction(service, action);
  if (service === 'ec2' && flag(call.fields, 'DryRun') === true && !NEVER_DRY.includes(action))
    throw new ApiError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  return run(call);
}

/** Actions that change nothing: their answer needn't wait for the disk. */
export const readsOnly = (action: string): boolean => /^(Describe|Get|List|Decode|Simulate)/.test(action);

function noCredentials(service: ServiceName): ApiError {
  if (service === 'ec2')
    return new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  const json = service === 'ssm' || service === 'servicequotas';
  const code = json ? 'MissingAuthenticationTokenException' : 'MissingAuthenticationToken';
  return new ApiError(code, 'Request is missing Authentication Token', json ? 400 : 403);
}

function unknownAction(service: ServiceName, action: string): ApiError {
  const words = `The sandbox doesn't know the action ${service}:${action}.`;
  return service === 'ssm' || service === 'servicequotas'
    ? new ApiError('UnknownOperationException', words)
    : new ApiError('InvalidAction', words);
}
