import { readWorld, type World } from './api/world.js';

/** What a sandbox holds, counted over all regions; default networks don't count. */
export interface Contents {
  readonly instances: readonly { readonly id: string; readonly state: string; readonly privateIp: string }[];
  readonly vpcs: number;
  readonly keyPairs: number;
  readonly roles: number;
}

/** Counts what was saved last. */
export function contentsOf(saved: unknown): Contents {
  const world: World | undefined = readWorld(saved);
  const regions = Object.values(world?.ec2 ?? {});
  const all = <T>(pick: (region: (typeof regions)[number]) => Record<string, T>): T[] =>
    regions.flatMap((region) => Object.values(pick(region)));
  return {
    instances: all((region) => region.instances)
      .filter(({ state }) => state !== 'terminated')
      .map(({ id, state, privateIp }) => ({ id, state, privateIp })),
    vpcs: all((region) => region.vpcs).filter(({ isDefault }) => !isDefault).length,
    keyPairs: all((region) => region.keyPairs).length,
    roles: Object.keys(world?.iam.roles ?? {}).length,
  };
}

/** True when nothing is left that somebody made. */
export const isEmpty = ({ instances, vpcs, keyPairs, roles }: Contents): boolean =>
  instances.length + vpcs + keyPairs + roles === 0;
