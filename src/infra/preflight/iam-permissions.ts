import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { codeOf } from '../faults.js';
import type { Identity } from '../identity.js';
import type { Aws } from '../resource.js';
import { deniedFinding } from './ec2-permissions.js';
import { type PreflightFinding, skipped } from './finding.js';

const id = 'iam-permissions';

/** What cloudops does in services without dry runs, and the EC2 actions that have none. */
const actions = [
  'iam:AddRoleToInstanceProfile',
  'iam:CreateInstanceProfile',
  'iam:CreateRole',
  'iam:DeleteInstanceProfile',
  'iam:DeleteRole',
  'iam:DeleteRolePolicy',
  'iam:GetInstanceProfile',
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:PassRole',
  'iam:PutRolePolicy',
  'iam:RemoveRoleFromInstanceProfile',
  'iam:TagInstanceProfile',
  'iam:TagRole',
  'iam:UntagInstanceProfile',
  'iam:UntagRole',
  'iam:UpdateAssumeRolePolicy',
  'ec2:AssociateIamInstanceProfile',
  'ec2:ModifySubnetAttribute',
  'ec2:ModifyVpcAttribute',
  'ec2:ReplaceIamInstanceProfileAssociation',
  'ssm:DeleteParameters',
  'ssm:GetParametersByPath',
  'ssm:PutParameter',
  'ssm:SendCommand',
] as const;

/** What `secrets: ssm` needs beside. */
export const secretActions = ['ssm:AddTagsToResource', 'ssm:GetParameters'] as const;

/** Asks IAM to simulate what the operator may do; skipped where asking isn't allowed, or nobody can be asked about. */
export async function checkIamPermissions(
  aws: Aws,
  { arn }: Identity,
  more: readonly string[] = [],
): Promise<PreflightFinding> {
  const source = principalOf(arn);
  if (source === undefined) return skipped(id, `IAM simulates no policies of ${arn}.`);
  try {
    const input = { PolicySourceArn: source, ActionNames: [...actions, ...more], MaxItems: 100 };
    const { EvaluationResults = [] } = await aws.iam.read.send(new SimulatePrincipalPolicyCommand(input));
    const denied = EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed');
    if (denied.length > 0)
      return deniedFinding(
        id,
        denied.map(({ EvalActionName = '' }) => EvalActionName),
      );
    return { id, status: 'ok', saw: `${EvaluationResults.length} IAM, SSM and EC2 actions are allowed.` };
  } catch (error) {
    const why = codeOf(error) ?? (error as Error).message;
    return skipped(id, `What IAM allows can't be simulated (iam:SimulatePrincipalPolicy: ${why}).`);
  }
}

/** Pure: whose policies count. A session of a role is asked about as the role; root and federated users can't be. */
export function principalOf(arn: string): string | undefined {
  const session = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn);
  // The path of a role isn't in the session's ARN; those of IAM Identity Center all have this one.
  if (session !== null) {
    const [, partition = '', account = '', role = ''] = session;
    const path = role.startsWith('AWSReservedSSO_') ? 'aws-reserved/sso.amazonaws.com/' : '';
    return `arn:${partition}:iam::${account}:role/${path}${role}`;
  }
  return /^arn:[\w-]+:iam::\d+:(user|role|group)\//.test(arn) ? arn : undefined;
}
