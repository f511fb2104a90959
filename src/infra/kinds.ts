import type { ResourceKind } from './resource.js';
import { instance } from './resources/instance.js';
import { instanceProfile } from './resources/instance-profile.js';
import { internetGateway } from './resources/internet-gateway.js';
import { keyPair } from './resources/key-pair.js';
import { role } from './resources/role.js';
import { routeTable } from './resources/route-table.js';
import { securityGroup } from './resources/security-group.js';
import { subnet } from './resources/subnet.js';
import { vpc } from './resources/vpc.js';

export type Kinds = ReadonlyMap<string, ResourceKind>;

/** Every kind of resource that cloudops knows, what others stand on first. */
export const kinds: Kinds = new Map(
  [vpc, subnet, internetGateway, routeTable, securityGroup, keyPair, role, instanceProfile, instance].map(
    (kind) => [kind.kind, kind as unknown as ResourceKind],
  ),
);

/** The kind of that name; throws on one that isn't registered. */
export function kindOf(all: Kinds, name: string): ResourceKind {
  const kind = all.get(name);
  if (kind === undefined) throw new Error(`no resource kind '${name}'`);
  return kind;
}
