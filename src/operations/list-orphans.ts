import { explain } from '../infra/aws-errors.js';
import { findOrphans, type Orphan } from '../infra/orphans.js';
import type { Context } from './context.js';

/** The leftovers of one stack. */
export interface OrphanedStack {
  readonly stack: string;
  readonly resources: readonly Omit<Orphan, 'stack'>[];
  /** The command that removes them; undefined where the stack's name isn't one of ours. */
  readonly remove: string | undefined;
}

/** The document of `infra orphans --json`. */
export interface Orphans {
  readonly region: string;
  readonly stacks: readonly OrphanedStack[];
}

/** What carries cloudops' tags in the region and belongs to no complete stack. Reads only. */
export async function listOrphans(context: Context): Promise<Orphans> {
  const aws = await context.aws();
  let orphans: Orphan[];
  try {
    orphans = await findOrphans(aws);
  } catch (error) {
    throw explain(error, 'look for orphans');
  }
  const stacks = [...new Set(orphans.map(({ stack }) => stack))].map((stack) => ({
    stack,
    resources: orphans.filter((one) => one.stack === stack).map(({ type, name, id }) => ({ type, name, id })),
    remove: removal(stack, aws.region),
  }));
  return { region: aws.region, stacks };
}

const part = /^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/;

/** Any place where both halves are names gives the same stack. */
function removal(stack: string, region: string): string | undefined {
  const dashes = [...stack.matchAll(/-/g)].map(({ index }) => index);
  const at = dashes
    .reverse()
    .find((dash) => part.test(stack.slice(0, dash)) && part.test(stack.slice(dash + 1)));
  if (at === undefined) return undefined;
  const [project, environment] = [stack.slice(0, at), stack.slice(at + 1)];
  return `cloudops infra down --project ${project} --environment ${environment} --region ${region} --confirm ${stack}`;
}
