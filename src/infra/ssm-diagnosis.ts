import { DescribeInstancesCommand, DescribeRouteTablesCommand, type Instance } from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { codeOf } from './faults.js';
import type { Aws } from './resource.js';

/** Why an instance isn't online in Systems Manager, as far as AWS can tell. */
export interface SsmDiagnosis {
  readonly why: string;
  readonly fix: readonly string[];
  /** Waiting can't change it. */
  readonly final: boolean;
}

/** Looks for what keeps an instance's agent away: wrong account or region, stopped, no role, no way out, no agent. */
export async function diagnoseSsm(
  aws: Aws,
  instanceId: string,
  connectionLost: boolean,
): Promise<SsmDiagnosis> {
  const instance = await instanceOf(aws, instanceId);
  if (instance === undefined) return elsewhere(aws, instanceId);
  const state = instance.State?.Name ?? 'unknown';
  if (!['pending', 'running'].includes(state))
    return {
      why: `The instance is ${state}.`,
      fix: ["'cloudops infra up' starts what should run; then run the same command again"],
      final: true,
    };
  if (instance.IamInstanceProfile === undefined)
    return {
      why: 'The instance has no instance profile, so its agent may not report to Systems Manager.',
      fix: ["'cloudops infra up' puts the role of the stack on it", "or use SSH: '--via ssh'"],
      final: true,
    };
  if (!(await hasWayOut(aws, instance)))
    return {
      why: `The subnet ${instance.SubnetId ?? ''} has no route to the internet, so without VPC endpoints of its own the agent can't reach Systems Manager.`,
      fix: ["'cloudops infra plan' shows whether the route was removed; 'cloudops infra up' puts it back"],
      final: false,
    };
  return {
    why: connectionLost
      ? 'The agent did report, and has stopped: the host hangs, is restarting, or its agent was stopped.'
      : 'The instance runs, has a role and a way out, but its agent never reported: it is still booting, or the image has no amazon-ssm-agent (Debian, minimal images).',
    fix: [
      connectionLost
        ? 'look at its console output, or restart it; then run the same command again'
        : "wait a minute and run the same command again; where the image has no agent, install it by user data or use '--via ssh'",
    ],
    final: false,
  };
}

async function instanceOf(aws: Aws, instanceId: string): Promise<Instance | undefined> {
  try {
    const { Reservations } = await aws.ec2.read.send(
      new DescribeInstancesCommand({ InstanceIds: [instanceId] }),
    );
    return Reservations?.[0]?.Instances?.[0];
  } catch (error) {
    if (codeOf(error)?.startsWith('InvalidInstanceID') === true) return undefined;
    throw error;
  }
}

async function elsewhere(aws: Aws, instanceId: string): Promise<SsmDiagnosis> {
  const identity = await aws.sts.read.send(new GetCallerIdentityCommand({})).catch(() => undefined);
  const account = identity?.Account === undefined ? '' : `account ${identity.Account}, `;
  return {
    why: `There is no instance ${instanceId} in ${account}region ${aws.region}.`,
    fix: ["give the right account and region: '--profile NAME', '--region REGION'"],
    final: true,
  };
}

async function hasWayOut(aws: Aws, { SubnetId, VpcId }: Instance): Promise<boolean> {
  const tables = async (Name: string, value: string | undefined) => {
    const Filters = [{ Name, Values: [value ?? ''] }, ...(Name === 'vpc-id' ? [mainTable] : [])];
    return (await aws.ec2.read.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables ?? [];
  };
  const own = await tables('association.subnet-id', SubnetId);
  const [table] = own.length > 0 ? own : await tables('vpc-id', VpcId);
  const ways = table?.Routes?.filter(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0');
  return ways === undefined || ways.some(({ State }) => State !== 'blackhole');
}

const mainTable = { Name: 'association.main', Values: ['true'] };
