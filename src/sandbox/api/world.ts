import type { Ec2Region } from './ec2/model.js';
import type { Iam } from './iam/model.js';
import type { SsmRegion } from './ssm/model.js';

/** Everything the sandbox holds: plain data, kept on disk as JSON. */
export interface World {
  readonly format: 1;
  readonly iam: Iam;
  readonly ec2: Record<string, Ec2Region>;
  readonly ssm: Record<string, SsmRegion>;
}

/** The one account of the sandbox. */
export const ACCOUNT = '000000000000';

/** An account in which nothing was made yet; regions come to life when they are first asked. */
export function newWorld(): World {
  return { format: 1, iam: { roles: {}, profiles: {} }, ec2: {}, ssm: {} };
}

/** The world as it was saved; undefined when it isn't one of ours. */
export function readWorld(saved: unknown): World | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined;
  return (saved as Partial<World>).format === 1 ? (saved as World) : undefined;
}
