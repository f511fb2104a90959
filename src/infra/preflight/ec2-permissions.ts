import { codeOf } from '../faults.js';
import type { Actual, Aws } from '../resource.js';
import { dryRuns, type DryRunIds } from './dry-runs.js';
import { type PreflightFinding, skipped } from './finding.js';

const id = 'ec2-permissions';

/**
 * Rehearses every EC2 action that changes something and can be rehearsed. Not against an emulator: some carry a dry run
 * out (moto does that with CreateVpc and DeleteVpc among others).
 */
export async function checkEc2Permissions(
  aws: Aws,
  actual: readonly Actual[],
  image: string,
): Promise<PreflightFinding> {
  if (aws.emulated())
    return skipped(id, 'The endpoint is an emulator, which may carry a dry run out: nothing was rehearsed.');
  const runs = Object.entries(dryRuns(idsOf(aws, actual, image)));
  const answers = await Promise.all(
    runs.map(async ([action, send]) => ({ action, code: await refusal(() => send(aws.ec2.read)) })),
  );
  return judgeDryRuns(answers);
}

async function refusal(send: () => Promise<unknown>): Promise<string> {
  try {
    await send();
    return 'CarriedOut';
  } catch (error) {
    return codeOf(error) ?? (error as Error).name;
  }
}

/** Pure: `DryRunOperation` is the yes of AWS; what it says of ids that don't exist is neither yes nor no. */
export function judgeDryRuns(
  answers: readonly { readonly action: string; readonly code: string }[],
): PreflightFinding {
  const denied = answers.filter(({ code }) => /^(UnauthorizedOperation|AccessDenied)$/.test(code));
  if (denied.length > 0)
    return deniedFinding(
      id,
      denied.map(({ action }) => `ec2:${action}`),
    );
  const open = answers.filter(({ code }) => code !== 'DryRunOperation');
  const yes = answers.length - open.length;
  const unclear = open.map(({ action, code }) => `${action} (${code})`).join(', ');
  const more = open.length === 0 ? '' : ` AWS answered neither yes nor no to ${unclear}.`;
  return { id, status: 'ok', saw: `${yes} of ${answers.length} EC2 actions are allowed.${more}` };
}

/** What isn't allowed, and the statement that would allow it. */
export function deniedFinding(finding: string, actions: readonly string[]): PreflightFinding {
  const statement = JSON.stringify({ Effect: 'Allow', Action: actions, Resource: '*' });
  return {
    id: finding,
    status: 'failed',
    code: 'NOT_PERMITTED',
    saw: `Your AWS identity is not allowed to use ${actions.join(', ')}.`,
    fix: [`Ask for this statement in its policy: ${statement}`, "Or use another profile with '--profile'."],
  };
}

function idsOf(aws: Aws, actual: readonly Actual[], image: string): DryRunIds {
  const first = (kind: string, prefix: string): string =>
    actual.find((one) => one.kind === kind)?.id ?? `${prefix}-00000000000000000`;
  return {
    vpc: first('vpc', 'vpc'),
    subnet: first('subnet', 'subnet'),
    gateway: first('internet-gateway', 'igw'),
    table: first('route-table', 'rtb'),
    group: first('security-group', 'sg'),
    instance: first('instance', 'i'),
    volume: 'vol-00000000000000000',
    image,
    keyName: aws.stack,
  };
}
