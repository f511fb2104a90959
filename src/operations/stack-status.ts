import { explain } from '../infra/aws-errors.js';
import { discover } from '../infra/discover.js';
import { kinds } from '../infra/kinds.js';
import type { Context } from './context.js';

export interface StatusRow {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  /** States and addresses, where the kind has them. */
  readonly shows: Readonly<Record<string, string>>;
}

/** The document of `infra status --json`. */
export interface StackStatus {
  readonly stack: string;
  readonly region: string;
  readonly resources: readonly StatusRow[];
}

/** What exists of the stack; empty when nothing does. */
export async function stackStatus(context: Context): Promise<StackStatus> {
  const aws = await context.aws();
  try {
    const actual = await discover(kinds, aws);
    const resources = actual.map(({ kind, name, id, shows = {} }) => ({ kind, name, id, shows }));
    return { stack: context.stack, region: aws.region, resources };
  } catch (error) {
    throw explain(error, 'read the stack');
  }
}
