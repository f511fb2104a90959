import { CloudopsError, exitCodes } from '../errors.js';
import { explain } from '../infra/aws-errors.js';
import { codeOf } from '../infra/faults.js';
import { discover } from '../infra/discover.js';
import { callerIdentity, type Identity } from '../infra/identity.js';
import { describeImage } from '../infra/images.js';
import { privateKeyPath } from '../infra/key-file.js';
import { kinds } from '../infra/kinds.js';
import type { Plan } from '../infra/plan.js';
import { checkAllowedCidrs } from '../infra/preflight/allowed-cidrs.js';
import { checkCredentials } from '../infra/preflight/credentials.js';
import { checkEc2Permissions } from '../infra/preflight/ec2-permissions.js';
import { type PreflightFinding, skipped } from '../infra/preflight/finding.js';
import { checkIamPermissions, secretActions } from '../infra/preflight/iam-permissions.js';
import { checkIdentity } from '../infra/preflight/identity.js';
import { checkTypes, readTypes } from '../infra/preflight/instance-types.js';
import { checkKey } from '../infra/preflight/key.js';
import { makes } from '../infra/preflight/makes.js';
import { checkVcpuQuota } from '../infra/preflight/vcpu-quota.js';
import { checkVpcQuota } from '../infra/preflight/vpc-quota.js';
import type { Aws } from '../infra/resource.js';
import { findImage, findZones } from '../infra/stack-facts.js';
import type { Context } from './context.js';
import { planInfra } from './plan-infra.js';

/** The document of `infra preflight --json`. */
export interface PreflightResult {
  /** False when something failed: a change would not get through. */
  readonly ok: boolean;
  readonly findings: readonly PreflightFinding[];
  readonly durationMs: number;
}

/** Looks at everything that could make an `up` fail, all at once, permissions included. Changes nothing. */
export async function preflight(context: Context): Promise<PreflightResult> {
  const began = Date.now();
  const aws = await context.aws();
  const identity = callerIdentity(aws);
  const findings = await Promise.all([
    attempt('identity', async () => [checkIdentity(await identity)]),
    ownFindings(context, aws),
    stackFindings(context, aws),
    permissionFindings(context, aws, identity),
  ]);
  const all = unique(findings.flat());
  const ok = all.every(({ status }) => status !== 'failed');
  return { ok, findings: all, durationMs: Date.now() - began };
}

/** What an `up` looks at beside its plan; what is asked of AWS only when the plan makes something. */
export async function upFindings(
  context: Context,
  aws: Aws,
  { plan, identity }: { plan: Plan; identity: Promise<Identity> },
): Promise<readonly PreflightFinding[]> {
  const findings = await Promise.all([
    attempt('identity', async () => [checkIdentity(await identity)]),
    ownFindings(context, aws),
    plan.empty ? [] : planFindings(context, aws, plan),
  ]);
  return findings.flat();
}

/** Warns, and rejects with all that stands in the way (exit 7). */
export function refuseFindings({ on }: Context, findings: readonly PreflightFinding[]): void {
  for (const { status, saw, fix = [] } of findings) {
    if (status === 'warning') on({ type: 'note', level: 'warning', message: [saw, ...fix].join(' ') });
  }
  const failed = findings.filter(({ status }) => status === 'failed').map(errorOf);
  const [first, ...others] = failed;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  throw new CloudopsError({
    code: 'PREFLIGHT_FAILED',
    what: `${failed.length} things stand in the way; nothing was changed.`,
    fix: ["Look at all checks with 'cloudops infra preflight'."],
    exit: exitCodes.notPermitted,
    cause: new AggregateError(failed),
  });
}

function errorOf({ saw, fix = [], code = 'PREFLIGHT_FAILED' }: PreflightFinding): CloudopsError {
  return new CloudopsError({ code, what: saw, fix, exit: exitCodes.notPermitted });
}

/** What can be told without asking AWS. */
async function ownFindings({ config }: Context, aws: Aws): Promise<PreflightFinding[]> {
  const { expiration } = await aws.sts.read.config.credentials();
  return [
    checkCredentials(expiration, aws.now()),
    checkAllowedCidrs(config.access.allowCidrs, aws.emulated()),
  ];
}

/** What stands in the way of what the plan makes. */
async function planFindings(context: Context, aws: Aws, plan: Plan): Promise<PreflightFinding[]> {
  const { vpcs, instances, images } = makes(plan);
  const findings = await Promise.all([
    attempt('ssh-key', async () => [
      await checkKey(privateKeyPath(context.config.ssh, context.stateDir), plan),
    ]),
    attempt('vpc-quota', async () => (vpcs === 0 ? [] : [await checkVpcQuota(aws, vpcs)])),
    attempt('instance-types', async () => {
      if (instances.size === 0) return [];
      const [id = ''] = images;
      const [types, image] = await Promise.all([
        readTypes(aws, [...instances.keys()]),
        describeImage(aws, id),
      ]);
      const fits = checkTypes(types, { id, architecture: image?.Architecture });
      return [fits, await checkVcpuQuota(aws, instances, types)];
    }),
  ]);
  return findings.flat();
}

/** The plan, and its parts once more so that one failure doesn't hide the others. */
async function stackFindings(context: Context, aws: Aws): Promise<PreflightFinding[]> {
  const { config } = context;
  const planned = planInfra(context);
  const [image, zones, rest] = await Promise.all([
    attempt('image', async () => {
      const { image: id } = await findImage(aws, config.ami);
      return [{ id: 'image', status: 'ok', saw: `The image is ${id}.` }];
    }),
    attempt('zones', async () => [
      { id: 'zones', status: 'ok', saw: `Zones: ${(await findZones(aws, config)).join(', ')}.` },
    ]),
    attempt('stack', async () => planFindings(context, aws, await planned)),
  ]);
  return [...image, ...zones, ...rest];
}

async function permissionFindings(
  { config }: Context,
  aws: Aws,
  identity: Promise<Identity>,
): Promise<PreflightFinding[]> {
  const findings = await Promise.all([
    attempt('ec2-permissions', async () => {
      const [actual, { image }] = await Promise.all([discover(kinds, aws), findImage(aws, config.ami)]);
      return [await checkEc2Permissions(aws, actual, image)];
    }),
    attempt('iam-permissions', async () => [
      await checkIamPermissions(aws, await identity, config.secrets === 'ssm' ? secretActions : []),
    ]),
  ]);
  return findings.flat();
}

/** The checks without which nothing can be planned. */
const essential = /^(identity|image|zones|stack)$/;

/** The findings of a check. What it can't do without is a finding when AWS refuses it; other checks are left out. */
async function attempt(
  id: string,
  check: () => Promise<readonly PreflightFinding[]>,
): Promise<readonly PreflightFinding[]> {
  try {
    return await check();
  } catch (error) {
    const known = explain(error);
    const isEssential = essential.test(id) || codeOf(error) === 'InvalidInstanceType';
    if (!isEssential || !(known instanceof CloudopsError))
      return [skipped(id, `It couldn't be found out: ${known.message}`)];
    const { what, why, fix, code } = known;
    return [{ id, status: 'failed', saw: [what, why].filter(Boolean).join(' '), fix, code }];
  }
}

/** What fails because AWS refuses shows in the plan and in its parts. */
function unique(findings: readonly PreflightFinding[]): readonly PreflightFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ status, code, id }) => {
    const key = status === 'failed' && essential.test(id) ? (code ?? id) : id;
    return !seen.has(key) && seen.add(key);
  });
}
